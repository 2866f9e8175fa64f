"""A server on loopback that does what it is told, however wrong, and a client that reaches it under any name."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from datetime import UTC, datetime, timedelta

import httpx

from scripts.web import Limits, Web

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
CALM = Limits(connect=20, read=20, whole=40)
QUICK = Limits(connect=20, read=0.2, whole=0.5)
"""For servers that hang; a busy machine can be too slow for it."""
FILLING = "The county says that the bridge was shut for fourteen months and then opened again to carts. " * 20


def reply(body="", status=200, type="text/html; charset=utf-8", length=None, **headers):
    """The bytes of an answer; a header's underscores are hyphens."""
    data = body if isinstance(body, bytes) else body.encode()
    lines = [
        f"HTTP/1.1 {status} Words",
        f"Content-Length: {len(data) if length is None else length}",
        "Connection: close",
    ]
    lines += [f"Content-Type: {type}"] if type else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def page(title="The bridge", text=FILLING, **more):
    """An answer with a page."""
    return reply(f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{text}</p>", **more)


def to(address, status=301):
    """An answer that leads elsewhere."""
    return reply(status=status, Location=address)


class Server:
    """`routes` maps "host path" or a path to what it answers: bytes, a coroutine function that is given the writer and
    the request's head, or a list of these, one after another, of which the last goes on. `HEAD …` before a path is for
    that method alone. Anything else is a page that says 404."""

    def __init__(self):
        self.routes = {}
        self.asked = []
        self.heads = []

    async def _serve(self, reader, writer):
        try:
            await self._answer(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split("\r\n")[0].split(" ")
        host = next((line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")), "").partition(":")[
            0
        ]
        self.asked.append(f"{method} {host}{path}")
        self.heads.append(head)
        names = (f"{method} {host}{path}", f"{host}{path}", f"{method} {path}", path)
        known = next((name for name in names if name in self.routes), None)
        answer = self.routes[known] if known else reply("<title>404</title>", status=404)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            await answer(writer, head)
            return
        writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else answer)
        await writer.drain()

    @contextlib.contextmanager
    def running(self, host="127.0.0.1", tls=None):
        ready = threading.Event()

        def run():
            self.loop = asyncio.new_event_loop()
            self.loop.set_exception_handler(lambda loop, context: None)  # broken connections are the point
            server = self.loop.run_until_complete(asyncio.start_server(self._serve, host, 0, ssl=tls))
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            self.loop.run_forever()
            server.close()
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            if left:
                self.loop.run_until_complete(asyncio.wait(left))
            self.loop.run_until_complete(asyncio.sleep(0.01))  # transports close one turn later
            self.loop.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        ready.wait()
        shown = f"[{host}]" if ":" in host else host
        self.base = f"{'https' if tls else 'http'}://{shown}:{self.port}"
        yield self
        self.loop.call_soon_threadsafe(self.loop.stop)
        thread.join()


class Everywhere(httpx.AsyncBaseTransport):
    """Sends what is meant for any host to the server, with the name that was meant; none exists whose name ends with one of `unknown`."""

    unknown = (".invalid",)

    def __init__(self, port):
        self._port = port
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        if request.url.host.endswith(self.unknown):
            raise httpx.ConnectError("no") from socket.gaierror(socket.EAI_NONAME, "not known")
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)

    async def aclose(self):
        await self._inner.aclose()


class Clock:
    """A clock that only sleeping moves, so that nobody waits."""

    def __init__(self):
        self.seconds = 0.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

    def __call__(self):
        return self.seconds

    def now(self):
        return NOW + timedelta(seconds=self.seconds)


def client(clock=None, limits=CALM, port=None):
    """A client that never waits; with `port`, one that finds every host there."""
    clock = clock or Clock()
    transport = Everywhere(port) if port else None
    return Web(limits, transport=transport, sleep=clock.sleep, clock=clock, now=clock.now)
