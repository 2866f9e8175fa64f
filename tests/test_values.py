"""Dates and numbers arrive as written and keep their precision."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.values import Number, PartialDate


@pytest.mark.parametrize(
    ("written", "first", "last", "spoken"),
    [
        ("2017", date(2017, 1, 1), date(2017, 12, 31), "2017"),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), "February 2016"),
        ("2017-07-04", date(2017, 7, 4), date(2017, 7, 4), "4 July 2017"),
        ("2016/2017-03", date(2016, 1, 1), date(2017, 3, 31), "2016 to March 2017"),
        ("about 2014", date(2013, 1, 1), date(2015, 12, 31), "about 2014"),
        ("about 2020-03", date(2020, 2, 2), date(2020, 4, 28), "about March 2020"),
    ],
)
def test_a_date_keeps_its_precision(written, first, last, spoken):
    when = PartialDate.parse(written)
    assert (when.first, when.last, str(when), when.written) == (first, last, spoken, written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "17",
        "2017-13",
        "2017-02-30",
        "2017-7",
        "07/2017",
        "2018/2017",
        "2017-07-14T10:00",
        "about",
        "around 2014",
        "2017 ",
        "２０１７",
    ],
)
def test_what_is_no_date_is_refused_with_the_value_in_the_message(written):
    with pytest.raises(ValueError, match="is not a date|ends before it begins") as refused:
        PartialDate.parse(written)
    assert repr(written) in str(refused.value) or written in str(refused.value)


def test_after_is_sure_only_when_every_reading_is_after():
    parse = PartialDate.parse
    assert parse("2018-03-10").surely_after(parse("2018-03-09"))
    assert not parse("2018-03").surely_after(parse("2018-03-09"))
    assert not parse("2018").surely_after(parse("2018-03-09"))
    assert not parse("about 2019").surely_after(parse("2018-03-09"))
    assert parse("about 2020").surely_after(parse("2018-03-09"))


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_two_days_are_in_one_order_only(one, other):
    first, second = (PartialDate.parse(day.isoformat()) for day in (one, other))
    assert first.surely_after(second) == (one > other)
    assert not (first.surely_after(second) and second.surely_after(first))


@pytest.mark.parametrize(
    ("written", "exact", "spoken"),
    [("31500", "31500", "31,500"), ("0.5", "0.5", "0.5"), ("-3", "-3", "-3"), ("0", "0", "0")],
)
def test_a_number_is_exact(written, exact, spoken):
    number = Number.parse(written)
    assert (number.exact, str(number)) == (Decimal(exact), spoken)


@pytest.mark.parametrize("written", ["31,500", "1e3", "010", "0x10", "1_000", "", " 5", ".5", "5.", "٣"])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="is not a number"):
        Number.parse(written)
