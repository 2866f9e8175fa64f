"""Addresses that lead to one page have one key; what only follows a reader is taken off, and nothing else is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.urls import page, unwrapped, without_tracking

PAGE = "http://gazette.example/2018/03/open?id=7"

ONE = [
    "https://gazette.example/2018/03/open?id=7",
    "https://www.gazette.example/2018/03/open/?id=7",
    "https://GAZETTE.example:443/2018/03/open?id=7#top",
    "https://m.gazette.example/2018/03/open?id=7",
    "https://amp.gazette.example/2018/03/open/amp/?id=7",
    "https://gazette.example/2018/03/open?utm_source=x&id=7&fbclid=y",
    "https://gazette.example/2018/03/open/index.html?id=7&print=1",
    "https://gazette.example/2018%2F03/open?id=7",
    "https://web.archive.org/web/20180401120000/http://gazette.example/2018/03/open?id=7",
    "https://web.archive.org/web/2018*/gazette.example/2018/03/open?id=7".replace("2018*", "20180401id_"),
    "https://web.archive.org/web/20180401/http:/www.gazette.example/2018/03/open?id=7",
    "https://archive.ph/20180401/https://gazette.example/2018/03/open?id=7",
    "https://archive.ph/newest/https://gazette.example/2018/03/open?id=7",
    "https://webcache.googleusercontent.com/search?q=cache:AbC-1:https://gazette.example/2018/03/open?id=7",
    "https://gazette-example.cdn.ampproject.org/c/s/gazette.example/2018/03/open?id=7",
    "https://translate.google.com/translate?sl=ar&u=https%3A%2F%2Fgazette.example%2F2018%2F03%2Fopen%3Fid%3D7",
    "https://web.archive.org/web/2018/https://archive.ph/2017/https://gazette.example/2018/03/open?id=7",
]
OTHER = [
    "https://gazette.example/2018/03/open",
    "https://gazette.example/2018/03/open?id=8",
    "https://gazette.example/2018/03/opened?id=7",
    "https://gazette.example/2018/03/Open?id=7",
    "https://archive.gazette.example/2018/03/open?id=7",
    "https://archive.org/details/2018/03/open?id=7",
    "https://gazette.test/2018/03/open?id=7",
]


@pytest.mark.parametrize("address", ONE)
def test_addresses_of_one_page_have_one_key(address):
    assert page(address) == page(PAGE)


@pytest.mark.parametrize("address", OTHER)
def test_addresses_of_other_pages_have_other_keys(address):
    assert page(address) != page(PAGE)


def test_a_host_of_two_labels_keeps_its_first():
    assert page("https://m.example/x")[0] == "m.example"
    assert page("https://www.example/x")[0] == "www.example"


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("https://a.example/x?utm_source=feed", "https://a.example/x"),
        ("https://a.example/x?utm_source=feed#part", "https://a.example/x#part"),
        ("https://a.example/x?b=%20&fbclid=1&c=é", "https://a.example/x?b=%20&c=é"),
        ("https://a.example/x?a=1&&b=2", "https://a.example/x?a=1&&b=2"),
        ("https://a.example/x?", "https://a.example/x?"),
        ("https://a.example/x#utm_source=feed", "https://a.example/x#utm_source=feed"),
        ("https://a.example/x?source=utm_source", "https://a.example/x?source=utm_source"),
    ],
)
def test_tracking_is_taken_off_and_the_rest_stays_as_written(written, clean):
    assert without_tracking(written) == clean


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error_and_in_one_step(text):
    address = f"https://a.example/{text}"
    assert without_tracking(without_tracking(address)) == without_tracking(address)
    assert unwrapped(address)
