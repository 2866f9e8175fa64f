"""The polite client: asks one address at a time of a host, waits when told to, and never reads more than it needs.

What a server does is an `Answer`, never an exception: a status, or the fault that stood in the way. Redirects are
followed here and not by httpx, so that each hop keeps the limits of its own host and every hop can be named.

robots.txt is not asked for. It is for crawlers, which find addresses by themselves (RFC 9309, section 1); here each
address was put on record by a person and is asked for as a reader would who clicks on it. The user agent names the
project and where to complain.
"""

from __future__ import annotations

import asyncio
import hashlib
import http
import ipaddress
import re
import socket
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from urllib.parse import urlsplit

import httpx

PROJECT_URL = "https://github.com/claimtrail/claimtrail"
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that another try may change: those of RFC 9110 and 6585, and Cloudflare's for a host behind it."""

_NO_HOST = re.compile(r"https?:(?!//[^/?#])", re.IGNORECASE)
"""An address that names a scheme and no host; it would be read as a path of the host that sent it."""

Sleep = Callable[[float], Awaitable[object]]


def user_agent(contact: str = PROJECT_URL) -> str:
    """Who asks, and where to say that it should stop."""
    return f"Mozilla/5.0 (compatible; Claimtrail/1.0; +{contact})"


class Fault(StrEnum):
    """What stood in the way of an answer, or of its end."""

    ADDRESS = "address"
    DNS = "dns"
    DNS_FOR_NOW = "dns-for-now"
    REFUSED = "refused"
    TLS = "tls"
    RESET = "reset"
    EMPTY = "empty"
    PROTOCOL = "protocol"
    SLOW = "slow"
    LOOP = "loop"
    REDIRECT = "redirect"
    TOLD_TO_WAIT = "told-to-wait"


_AGAIN = frozenset({Fault.DNS_FOR_NOW, Fault.REFUSED, Fault.RESET, Fault.EMPTY, Fault.PROTOCOL, Fault.SLOW})
_UNREACHED = frozenset({Fault.DNS, Fault.DNS_FOR_NOW, Fault.REFUSED})


@dataclass(frozen=True)
class Limits:
    """How much is asked at once and how long is waited; times in seconds, sizes in bytes."""

    at_once: int = 16
    per_host: int = 1
    pause: float = 1.0
    """Between the starts of two requests to one host."""
    tries: int = 3
    backoff: float = 2.0
    """Before the second try; doubled before each one after it."""
    longest_wait: float = 120.0
    """What a host may ask for with Retry-After; for more than that it is left alone for the rest of the run."""
    connect: float = 10.0
    read: float = 20.0
    """Between two pieces of an answer."""
    whole: float = 45.0
    """For one request with its answer."""
    body: int = 256 * 1024
    """What is read of an answer, packed or unpacked."""
    hops: int = 10


@dataclass(frozen=True)
class Hop:
    """One redirect: its status, and the address that it names."""

    status: int
    to: str


@dataclass(frozen=True)
class Answer:
    """What asking for `url` brought. `status` is 0 where there was no answer; then `fault` and `why` say the reason.

    `final` is the address that gave the answer, after `hops`. `body` is what was read of it, unpacked; it is `cut` if
    the answer broke off or was too slow, in which case `fault` is set too, beside the status.
    """

    url: str
    final: str
    status: int = 0
    fault: Fault | None = None
    why: str = ""
    hops: tuple[Hop, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    tries: int = 1
    method: str = "GET"

    @property
    def type(self) -> str:
        """The media type, without parameters and in small letters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def moved_to(self) -> str:
        """Where permanent redirects lead from `url`, as far as they go before one that is not; empty if nowhere."""
        to = ""
        for hop in self.hops:
            if hop.status not in PERMANENT:
                break
            to = hop.to
        return to


@dataclass
class _Host:
    """What is known of a host in this run."""

    turns: asyncio.Semaphore
    free: float = 0.0
    closed: str = ""
    unreached: Answer | None = None


async def _set_aside(response: httpx.Response) -> None:
    """Take Location out of httpx's sight, which makes a request of it even where none is followed, and fails at bad ones."""
    if "location" in response.headers:
        response.extensions["redirect"] = {"location": response.headers.pop("location")}


class _Stop(Exception):  # noqa: N818 - it carries a fault, and is none
    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault, self.why = fault, why


def jitter(url: str, attempt: int) -> float:
    """A factor from 0.5 to 1.5 that spreads retries; it hangs on the address, so that two runs wait alike."""
    return 0.5 + int.from_bytes(hashlib.sha256(f"{attempt} {url}".encode()).digest()[:4], "big") / 2**32


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date), or None if it is neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


def host_of(url: str) -> str:
    """The host that limits are counted for: without `www.`, with its port."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")
    except ValueError:
        return ""


class Web:
    """An open client, used with `async with`.

    `transport`, `sleep`, `clock` and `now` are what it stands on; tests put their own in place.
    """

    def __init__(
        self,
        limits: Limits = Limits(),
        *,
        agent: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = limits
        self._agent = agent or user_agent()
        self._transport = transport
        self.sleep, self.clock, self.now = sleep, clock, now
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(limits.at_once)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Web:
        times = httpx.Timeout(self.limits.read, connect=self.limits.connect, pool=None)
        sizes = httpx.Limits(max_connections=None, max_keepalive_connections=self.limits.at_once)
        headers = {
            "User-Agent": self._agent,
            "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
            "Accept-Language": "en,*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        # no cookie outlives the redirects of one address: `_follow` keeps a jar for each
        refusing = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(
                event_hooks={"response": [_set_aside]},
                headers=headers,
                cookies=refusing,
                timeout=times,
                limits=sizes,
                transport=self._transport,
            )
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def ask(
        self,
        url: str,
        method: str = "GET",
        *,
        tries: int | None = None,
        follow: bool = True,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for `url`, again if need be, at most `tries` times; never raises for what a server or the network does."""
        answer = Answer(url, url)
        most = tries or self.limits.tries
        for attempt in range(1, most + 1):
            known = self._host(url).unreached
            if known:
                return replace(known, url=url, final=url)
            answer = await self._follow(url, method, follow, data, headers)
            answer = replace(answer, tries=attempt)
            last = self._host(answer.final)
            wait = retry_after(answer.headers.get("retry-after", ""), self.now()) if answer.status in _PASSING else None
            if wait is not None and wait > self.limits.longest_wait:
                last.closed = f"{host_of(answer.final)} asks to be left alone for {wait:,.0f} s"
                return replace(answer, fault=Fault.TOLD_TO_WAIT, why=last.closed)
            if wait is not None:
                last.free = max(last.free, self.clock() + wait)
            if not (answer.status in _PASSING or answer.fault in _AGAIN) or (answer.cut and answer.fault is Fault.SLOW):
                break
            if attempt < most and wait is None:
                pause = self.limits.backoff * 2 ** (attempt - 1) * jitter(url, attempt)
                if answer.status in (429, 503):
                    last.free = max(last.free, self.clock() + pause)
                else:
                    await self.sleep(pause)
        if answer.fault in _UNREACHED and not answer.status and (answer.fault is Fault.DNS or tries is None):
            self._host(answer.final).unreached = answer
        return answer

    def _host(self, url: str) -> _Host:
        return self._hosts.setdefault(host_of(url), _Host(asyncio.Semaphore(self.limits.per_host)))

    async def _follow(
        self, url: str, method: str, follow: bool, data: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> Answer:
        """One try: the request, and where it is redirected, the next ones."""
        at, hops = url, list[Hop]()
        cookies = httpx.Cookies()
        seen: set[tuple[str, str, str]] = set()
        try:
            at = str(httpx.URL(url).copy_with(fragment=None))
            while True:
                request = self._client.build_request(method, at, data=data, headers=headers)
                if request.url.scheme not in ("http", "https") or not request.url.host:
                    raise _Stop(Fault.ADDRESS, "that is no web address")
                cookies.set_cookie_header(request)
                state = (method, at, request.headers.get("cookie", ""))
                if state in seen:
                    raise _Stop(Fault.LOOP, f"redirected in a circle: {at} comes again")
                seen.add(state)
                answer = await self._exchange(request, cookies)
                if not follow or answer.status not in REDIRECTS:
                    return replace(answer, url=url, hops=tuple(hops))
                at = self._target(at, answer)
                hops.append(Hop(answer.status, at))
                if len(hops) > self.limits.hops:
                    raise _Stop(Fault.LOOP, f"redirected more than {self.limits.hops} times")
                if method == "POST" and answer.status in (301, 302, 303):
                    method, data = "GET", None
                if host_of(at) != host_of(url):
                    headers = None  # what was meant for one host, a key perhaps, is not told to another
        except _Stop as stop:
            return Answer(url, at, fault=stop.fault, why=stop.why, hops=tuple(hops))
        except (httpx.InvalidURL, httpx.CookieConflict, ValueError) as error:
            return Answer(url, at, fault=Fault.ADDRESS, why=f"the address can't be asked: {error}", hops=tuple(hops))

    @staticmethod
    def _target(at: str, answer: Answer) -> str:
        """Where a redirect leads; stops where that is nowhere."""
        named = answer.headers.get("location", "")
        if not named.strip():
            raise _Stop(Fault.REDIRECT, f"status {answer.status} without an address to go to")
        try:
            target = httpx.URL(at).join(named.strip()).copy_with(fragment=None)
            host = target.host
        except (httpx.InvalidURL, ValueError):
            host = ""
        if not host or target.scheme not in ("http", "https") or _NO_HOST.match(named.strip()):
            raise _Stop(Fault.REDIRECT, f"redirected to {named[:80]!r}, which is no web address")
        if _local(host) and not _local(httpx.URL(at).host):
            raise _Stop(Fault.REDIRECT, f"redirected to {host}, which only its own network can reach")
        return str(target)

    async def _exchange(self, request: httpx.Request, cookies: httpx.Cookies) -> Answer:
        """One request with its answer, in the host's turn."""
        at = str(request.url)
        host = self._host(at)
        async with host.turns:
            if host.closed:
                raise _Stop(Fault.TOLD_TO_WAIT, host.closed)
            wait = host.free - self.clock()
            host.free = max(host.free, self.clock()) + self.limits.pause
            if wait > 0:
                await self.sleep(wait)
            async with self._slots:
                return await self._read(request, cookies, at)

    async def _read(self, request: httpx.Request, cookies: httpx.Cookies, at: str) -> Answer:
        answer = Answer(at, at, method=request.method)
        body = _Body(self.limits.body)
        try:
            async with asyncio.timeout(self.limits.whole):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    cookies.extract_cookies(response)
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    headers |= response.extensions.get("redirect", {})
                    answer = replace(answer, status=response.status_code, headers=headers)
                    body.packed_as(headers.get("content-encoding", ""))
                    if request.method != "HEAD" and response.status_code not in REDIRECTS:
                        async for piece in response.aiter_raw():
                            if not body.add(piece):
                                break
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            fault, why = self._fault(error, request.url.host)
            if answer.status and fault is not Fault.SLOW:
                why = "the answer breaks off before the length that it declares"
            return replace(answer, fault=fault, why=why, body=body.unpacked(), cut=bool(answer.status))
        return replace(answer, body=body.unpacked())

    def _fault(self, error: Exception, host: str) -> tuple[Fault, str]:
        """What an exception means; httpx wraps the cause, sometimes twice and in a group."""
        limits = self.limits
        if isinstance(error, httpx.ConnectTimeout):
            return Fault.REFUSED, f"{host} takes no connection within {limits.connect:g} s"
        if isinstance(error, httpx.TimeoutException):
            return Fault.SLOW, f"nothing came for {limits.read:g} s"
        if isinstance(error, TimeoutError):
            return Fault.SLOW, f"not done within {limits.whole:g} s"
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return Fault.ADDRESS, f"the address can't be asked: {error}"
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror):
                if cause.errno == socket.EAI_AGAIN:
                    return Fault.DNS_FOR_NOW, f"the name {host} can't be looked up for now"
                return Fault.DNS, f"there is no host {host}"
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Fault.TLS, f"the certificate of {host} is not valid: {cause.verify_message}"
            if isinstance(cause, ssl.SSLError):
                return Fault.TLS, f"no secure connection to {host}: {cause.reason or 'the handshake broke off'}"
        if isinstance(error, httpx.ConnectError | httpx.ProxyError):
            return Fault.REFUSED, f"{host} takes no connection"
        if isinstance(error, httpx.RemoteProtocolError):
            if "without sending a response" in str(error):
                return Fault.EMPTY, f"{host} hung up without an answer"
            return Fault.PROTOCOL, f"the answer is not HTTP: {str(error)[:120]}"
        return Fault.RESET, f"{host} broke the connection off"


def _local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception with all that led to it."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        at = left.pop()
        if at is None or id(at) in seen:
            continue
        seen.add(id(at))
        yield at
        left += [at.__cause__, at.__context__]
        if isinstance(at, BaseExceptionGroup):
            left += at.exceptions


class _Body:
    """What is kept of a body: never more than `most` bytes, neither as it came nor unpacked, whatever it unpacks to."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._came = 0
        self._unpacker: zlib._Decompress | None = None

    def packed_as(self, encoding: str) -> None:
        """How the body is packed; what was not asked for (br, zstd) is kept as it comes, and no page is read from it."""
        if encoding.strip().lower() in ("gzip", "x-gzip", "deflate"):
            self._unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def add(self, piece: bytes) -> bool:
        """Take a piece; says whether there is room for more."""
        room = self._most - len(self._kept)
        self._came += len(piece)
        if self._unpacker:
            try:
                piece = self._unpacker.decompress(piece, room)
            except zlib.error:
                self._unpacker = None  # not what the header says: keep it as it is
        self._kept += piece[:room]
        return len(self._kept) < self._most and self._came < self._most

    def unpacked(self) -> bytes:
        return bytes(self._kept)


def phrase_of(status: int) -> str:
    """`404 Not Found`, or the number alone where it is no registered one."""
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
