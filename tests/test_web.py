"""The polite client, against a server that misbehaves in every way."""

import asyncio
import gzip
import ssl
import struct
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from socket import SO_LINGER, SOL_SOCKET

import pytest

from scripts.web import Fault, Limits, Web, jitter, retry_after, user_agent
from tests.misbehave import CALM, QUICK, Clock, Server, client, page, reply, to

pytestmark = pytest.mark.usefixtures("own_loop")


@pytest.fixture(scope="module")
def running():
    with Server().running() as server:
        yield server


@pytest.fixture
def server(running):
    running.routes.clear()
    running.asked.clear()
    running.heads.clear()
    return running


def ask(server, path, method="GET", clock=None, limits=CALM, base=None, **more):
    async def run():
        async with client(clock, limits) as web:
            return await web.ask((base or server.base) + path, method, **more)

    return asyncio.run(run())


async def hang(writer, head):
    await asyncio.sleep(30)


async def hang_after_head(writer, head):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<title>Half")
    await writer.drain()
    await asyncio.sleep(30)


async def drip(writer, head):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(400):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def reset(writer, head):
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def nothing(writer, head):
    pass


async def endless(writer, head):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"again and " * 6000)
        await writer.drain()


async def endless_head(writer, head):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        writer.write(f"X-{number}: {'y' * 200}\r\n".encode())
        await writer.drain()


def test_a_page_is_read_whole(server):
    server.routes["/"] = page("The bridge")
    answer = ask(server, "/")
    assert (answer.status, answer.fault, answer.cut, answer.tries, answer.type) == (200, None, False, 1, "text/html")
    assert answer.body.endswith(b"</p>")


@pytest.mark.parametrize(
    ("behaviour", "fault", "tries"),
    [
        (hang, Fault.SLOW, 3),
        (reset, Fault.RESET, 3),
        (nothing, Fault.EMPTY, 3),
        (b"\x00\x16\x03 this is no HTTP\r\n\r\n", Fault.PROTOCOL, 3),
        (b"HTTP/1.1 abc OK\r\n\r\n", Fault.PROTOCOL, 3),
        (endless_head, Fault.PROTOCOL, 3),
        (to("javascript:alert(1)"), Fault.REDIRECT, 1),
        (to("http:///nowhere"), Fault.REDIRECT, 1),
        (to("https://"), Fault.REDIRECT, 1),
        (to("mailto:someone@herald.example"), Fault.REDIRECT, 1),
        (to("http://[::1/"), Fault.REDIRECT, 1),
        (reply(status=302), Fault.REDIRECT, 1),
        (to("/bad"), Fault.LOOP, 1),
    ],
)
def test_a_fault_has_a_name_and_a_reason_and_passing_ones_are_tried_again(server, behaviour, fault, tries):
    server.routes["/bad"] = behaviour
    answer = ask(server, "/bad", limits=QUICK if behaviour is hang else CALM)
    assert (answer.status, answer.fault, answer.tries) == (0, fault, tries)
    assert answer.why
    assert len(server.asked) == tries


@pytest.mark.parametrize(("behaviour", "fault"), [(hang_after_head, Fault.SLOW), (drip, Fault.SLOW), (page(length=90_000), Fault.PROTOCOL)])  # fmt: skip
def test_an_answer_that_is_slow_or_breaks_off_keeps_its_status_and_what_came(server, behaviour, fault):
    server.routes["/half"] = behaviour
    answer = ask(server, "/half", limits=replace(CALM if fault is Fault.PROTOCOL else QUICK, tries=1))
    assert (answer.status, answer.fault, answer.cut) == (200, fault, True)
    assert answer.body
    assert answer.why


def test_a_slow_body_is_not_asked_for_again_but_one_that_breaks_off_is(server):
    server.routes["/drip"] = drip
    server.routes["/cut"] = [page(length=90_000), page()]
    assert ask(server, "/drip", limits=QUICK).tries == 1
    answer = ask(server, "/cut")
    assert (answer.tries, answer.cut, answer.fault) == (2, False, None)


def test_a_body_longer_than_declared_ends_where_it_said(server):
    server.routes["/long"] = reply("0123456789", length=4)
    assert ask(server, "/long").body == b"0123"


def test_an_endless_body_is_read_up_to_the_cap(server):
    server.routes["/endless"] = endless
    answer = ask(server, "/endless", limits=replace(CALM, body=50_000))
    assert (answer.status, len(answer.body), answer.cut) == (200, 50_000, False)


def test_a_gzip_bomb_is_unpacked_up_to_the_cap(server):
    bomb = gzip.compress(b"\0" * 60_000_000)
    server.routes["/bomb"] = reply(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    answer = ask(server, "/bomb", limits=replace(CALM, body=20_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(answer.body) == 20_000
    assert peak < 5_000_000


def test_gzip_is_unpacked_and_a_lie_about_it_is_kept_as_it_came(server):
    server.routes["/packed"] = reply(gzip.compress(b"The bridge"), Content_Encoding="gzip")
    server.routes["/lie"] = reply("The bridge", Content_Encoding="gzip")
    assert ask(server, "/packed").body == ask(server, "/lie").body == b"The bridge"


# ---- waiting ----------------------------------------------------------------------------------------------------


def test_503_then_200_is_waited_for_with_backoff(server):
    server.routes["/busy"] = [reply(status=500), reply(status=502), page()]
    clock = Clock()
    answer = ask(server, "/busy", clock=clock, limits=replace(CALM, pause=0))
    assert (answer.status, answer.tries) == (200, 3)
    url = f"{server.base}/busy"
    assert clock.slept == [2 * jitter(url, 1), 4 * jitter(url, 2)]


def test_jitter_spreads_and_is_the_same_each_time():
    factors = {jitter(f"https://herald.example/{number}", 1) for number in range(50)}
    assert len(factors) == 50
    assert all(0.5 <= factor < 1.5 for factor in factors)
    assert jitter("x", 1) == jitter("x", 1) != jitter("x", 2)


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("Fri, 20 Nov 2026 12:00:30 GMT", 30)])
def test_retry_after_is_waited_for_in_seconds_or_until_a_date(server, said, seconds):
    server.routes["/busy"] = [reply(status=429, Retry_After=said), page()]
    clock = Clock()
    assert ask(server, "/busy", clock=clock).status == 200
    assert clock.slept == [seconds]


def test_a_host_that_asks_for_too_long_is_left_alone(server):
    server.routes["/busy"] = reply(status=429, Retry_After="86400")

    async def run():
        async with client() as web:
            return [await web.ask(server.base + path) for path in ("/busy", "/other")]

    first, second = asyncio.run(run())
    assert (first.status, first.fault, second.status, second.fault) == (429, Fault.TOLD_TO_WAIT, 0, Fault.TOLD_TO_WAIT)
    assert "86,400 s" in second.why
    assert len(server.asked) == 1


@pytest.mark.parametrize(("said", "seconds"), [("0", 0), ("99999999999999", 999999999), ("Thu, 19 Nov 2026 12:00:00 GMT", 0), ("soon", None), ("-5", None), ("", None), ("Fri, 99 Nov 2026", None), ("²", None)])  # fmt: skip
def test_retry_after_is_read_or_passed_over(said, seconds):
    assert retry_after(said, datetime(2026, 11, 20, 12, tzinfo=UTC)) == seconds


def test_one_host_is_asked_one_at_a_time_with_pauses_and_hosts_side_by_side(server):
    at_once, most, began = [0, 0], [0, 0], []
    clock = Clock()

    def watched(index):
        async def answer(writer, head):
            at_once[index] += 1
            most[index] = max(most[index], at_once[index])
            began.append(clock.seconds)
            await asyncio.sleep(0.02)
            at_once[index] -= 1
            writer.write(page())

        return answer

    for number in range(4):
        server.routes[f"one.example/{number}"] = watched(0)
        server.routes[f"two.example/{number}"] = watched(1)

    async def run():
        async with client(clock, limits=Limits(), port=server.port) as web:
            urls = [f"http://{host}.example/{number}" for host in ("one", "two", "www.one") for number in range(4)]
            await asyncio.gather(*(web.ask(url) for url in urls))

    server.routes.update({f"www.{name}": route for name, route in server.routes.items() if name.startswith("one")})
    asyncio.run(run())
    assert most == [1, 1]  # www.one.example is the same host
    assert max(began) >= 7  # eight addresses of one.example, a second apart


def test_no_more_than_the_limit_is_asked_at_once(server):
    at_once = most = 0

    async def answer(writer, head):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        writer.write(page())

    server.routes["/"] = answer

    async def run():
        async with client(limits=replace(CALM, at_once=3), port=server.port) as web:
            await asyncio.gather(*(web.ask(f"http://h{number}.example/") for number in range(20)))

    asyncio.run(run())
    assert most == 3


# ---- redirects --------------------------------------------------------------------------------------------------


def test_hops_are_named_and_the_new_address_is_where_permanent_ones_lead(server):
    server.routes |= {"/a": to("/b"), "/b": to("c?x=1#part", 308), "/c?x=1": to("/d", 302), "/d": page()}
    answer = ask(server, "/a")
    assert [(hop.status, hop.to.removeprefix(server.base)) for hop in answer.hops] == [(301, "/b"), (308, "/c?x=1"), (302, "/d")]  # fmt: skip
    assert answer.final == f"{server.base}/d"
    assert answer.moved_to == f"{server.base}/c?x=1"


def test_a_circle_of_two_and_an_endless_chain_are_loops(server):
    server.routes |= {"/a": to("/b"), "/b": to("/a")} | {f"/{n}": to(f"/{n + 1}") for n in range(30)}
    assert ask(server, "/a").fault is Fault.LOOP
    chain = ask(server, "/0")
    assert (chain.fault, len(chain.hops)) == (Fault.LOOP, 11)


def test_a_cookie_that_opens_the_page_is_kept_for_this_address_alone(server):
    async def wants_cookie(writer, head):
        seen = "cookie: seen=1" in head.lower()
        writer.write(page() if seen else reply(status=302, Location="/wall", Set_Cookie="seen=1"))

    server.routes["/wall"] = wants_cookie

    async def run():
        async with client() as web:
            return [await web.ask(f"{server.base}/wall") for _ in range(2)]

    assert [(answer.status, len(answer.hops)) for answer in asyncio.run(run())] == [(200, 1), (200, 1)]


def test_a_cookie_wall_that_never_opens_is_a_loop(server):
    server.routes["/wall"] = reply(status=302, Location="/wall", Set_Cookie="seen=1")
    assert ask(server, "/wall").fault is Fault.LOOP


def test_a_public_page_does_not_lead_into_our_own_network(server):
    server.routes["herald.example/x"] = to("http://169.254.169.254/latest")

    async def run():
        async with client(port=server.port) as web:
            return await web.ask("http://herald.example/x")

    assert asyncio.run(run()).fault is Fault.REDIRECT
    assert len(server.asked) == 1


def test_headers_meant_for_one_host_are_not_told_to_another(server):
    server.routes |= {"one.example/": to("http://two.example/"), "two.example/": page()}

    async def run():
        async with client(port=server.port) as web:
            return await web.ask("http://one.example/", headers={"Authorization": "LOW key"})

    asyncio.run(run())
    assert ["LOW key" in head for head in server.heads] == [True, False]


# ---- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/two words", "/two%20words"),
        ("/الجسر/é", "/%D8%A7%D9%84%D8%AC%D8%B3%D8%B1/%C3%A9"),
        ("/%D8%A7-ا", "/%D8%A7-%D8%A7"),
        ("/a#part:~:text=bridge", "/a"),
    ],
)
def test_any_letter_may_stand_in_a_path_and_fragments_stay_here(server, path, asked):
    server.routes[asked] = page()
    assert ask(server, path).status == 200


def test_a_redirect_may_hold_blanks_and_raw_letters(server):
    server.routes |= {"/a": to("/two words"), "/two%20words": to("/é"), "/%C3%A9": page()}
    assert ask(server, "/a").status == 200


def test_an_international_host_is_asked_under_its_ascii_name(server):
    server.routes["xn--brcke-lva.example/"] = page()

    async def run():
        async with client(port=server.port) as web:
            return await web.ask("http://brücke.example/")

    assert asyncio.run(run()).status == 200


@pytest.mark.parametrize("url", ["http://", "ftp://herald.example/", "herald.example", "http://[::1", "http://a\x00b.example/", "http://xn--\u2603.example/", "http://h.example:99999/", "x" * 70_000])  # fmt: skip
def test_what_is_no_address_is_told_so_and_nothing_is_asked(server, url):
    answer = ask(server, url, base="")
    assert (answer.status, answer.fault, answer.tries) == (0, Fault.ADDRESS, 1)


def test_ipv6_is_asked():
    with Server().running("::1") as six:
        six.routes["/"] = page()
        assert ask(six, "/").status == 200


def test_a_host_that_does_not_exist_is_asked_for_once(server):
    answers = []

    async def run():
        async with client() as web:
            answers.extend([await web.ask(f"http://nowhere.invalid/{number}") for number in range(2)])

    asyncio.run(run())
    assert [answer.fault for answer in answers] == [Fault.DNS, Fault.DNS]
    assert answers[0].why == "there is no host nowhere.invalid"
    assert answers[1].url.endswith("/1")


def test_a_closed_port_is_a_refusal_and_its_host_is_not_asked_again(server):
    clock = Clock()

    async def run():
        async with client(clock) as web:
            first = await web.ask("http://127.0.0.1:9/a")
            slept = len(clock.slept)
            return first, await web.ask("http://127.0.0.1:9/b"), slept == len(clock.slept)

    first, second, at_once = asyncio.run(run())
    assert (first.fault, first.tries, second.fault, at_once) == (Fault.REFUSED, 3, Fault.REFUSED, True)


def test_a_certificate_that_nobody_signed_is_named(tmp_path):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with Server().running(tls=context) as server:
        server.routes["/"] = page()
        answer = ask(server, "/")
    assert (answer.fault, answer.tries) == (Fault.TLS, 1)
    assert "self-signed certificate" in answer.why


def test_the_user_agent_names_the_project_and_where_to_complain(server):
    server.routes["/"] = page()
    ask(server, "/")
    assert f"user-agent: {user_agent()}".lower() in server.heads[0].lower()
    assert "+https://github.com/claimtrail/claimtrail" in user_agent()


def test_whatever_bytes_a_server_sends_there_is_an_answer(server):
    import random

    chance = random.Random(7)
    parts = [
        b"Location: http://\r\n",
        b"Location: //\r\n",
        b"Location: \xff\xfe\r\n",
        b"Location: ?\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Set-Cookie: a=b; Domain=..\r\n",
        b"Set-Cookie: \x00\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Type: ;;=\r\n",
        b"Retry-After: x\r\n",
        b"\r\n",
        b"zz\r\n",
        b"5\r\nabcde\r\n",
        b"\xff\xfe",
    ]
    starts = [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 301 Moved\r\n", b"HTTP/1.1 999\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/9 200\r\n"]  # fmt: skip
    server.routes["/"] = [
        chance.choice(starts) + b"".join(chance.choices(parts, k=chance.randrange(6))) + b"\r\n" for _ in range(300)
    ]

    async def run():
        async with client(limits=replace(CALM, tries=1, pause=0)) as web:
            return [await web.ask(f"{server.base}/") for _ in range(300)]

    answers = asyncio.run(run())
    assert all(answer.status or answer.fault for answer in answers)
    assert len({answer.fault for answer in answers}) > 4


def test_a_client_is_made_without_anything_given():
    async def run():
        async with Web() as web:
            return web.limits

    assert asyncio.run(run()) == Limits()
