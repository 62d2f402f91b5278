"""The service behind a socket: uvicorn, with bounds on who has not asked for anything yet.

uvicorn waits for ever for a request's first line and headers, takes headers of any size, and
answers nobody once there are as many silent connections as the process may open files. Its protocol
class is subclassed: what is overridden are callbacks of asyncio.Protocol and of httptools, which
both document, and two of uvicorn's own. h11, its other parser, bounds headers but knows no deadline
either.
"""

import asyncio
import resource
from collections import OrderedDict
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.foundation.problems import PROBLEMS
from service.foundation.settings import Settings

HEAD_SECONDS = 20.0
"""From the connection, or a request's first byte, to the end of its headers."""
LINGER_SECONDS = 20.0
"""For so long the rest of a refused body is thrown away, so that the refusal is read."""
HEAD_BYTES = 32 * 1024
MOST_HEADERS = 100
MOST_CONNECTIONS = 1000
KEPT_FILES = 128
"""Of the files that the process may open, for the database, the log, uploads."""
GRACE_SECONDS = 5
"""For what is being answered when the service stops.

Whoever listens for notices would listen for ever.
"""


def server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """What serves this app at the host and port of the settings."""
    return uvicorn.Server(
        Config(
            app,
            host=settings.host,
            port=settings.port,
            http=Connection,
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
        )
    )


class Config(uvicorn.Config):
    """uvicorn's, and who is connected."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        super().__init__(app, **options)
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        spare = files - KEPT_FILES if files != resource.RLIM_INFINITY else MOST_CONNECTIONS

        self.most_connections = max(1, min(MOST_CONNECTIONS, spare))
        self.waiting: OrderedDict[Connection, None] = OrderedDict()
        """Whose request has not come whole, from the one that we wait for longest on.

        Who is being answered is not among them.
        """


class TooLongHead(Exception):
    """A request's first line and headers are more than is accepted."""


class Connection(HttpToolsProtocol):
    """One connection: its request comes within a time and a size, or it is closed.

    Where there are too many, the one that lets us wait longest makes room for the newest: a request
    that is sent at once is answered, however many others are silent.
    """

    config: Config

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._in_head = True
        self._in_body = False
        self._head_bytes = 0
        self._unused_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    # --- asyncio's callbacks ---

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_in(HEAD_SECONDS)
        self._wait()

        if len(self.connections) > self.config.most_connections:
            longest_waiting, _ = self.config.waiting.popitem(last=False)
            longest_waiting.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._need_not_close()
        self.config.waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unused_bytes += len(data)
        super().data_received(data)

        if self._unused_bytes > HEAD_BYTES and (self._in_head or self._in_body):
            self._refuse_head()
        elif self._in_head and self._deadline is None:
            self._close_in(HEAD_SECONDS)

    # --- the parser's callbacks ---

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._wait()

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        self._need_not_close()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unused_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        self._unused_bytes = 0
        self._need_not_close()
        super().on_message_complete()

        if not self.cycle.response_complete:
            self.config.waiting.pop(self, None)

    # --- uvicorn's callbacks ---

    def on_response_complete(self) -> None:
        super().on_response_complete()

        if self.cycle.response_complete:
            self._wait()
        if self._in_body:
            self._close_in(LINGER_SECONDS)

    def send_400_response(self, msg: str) -> None:
        if self._head_is_too_long():
            self._refuse_head()
        else:
            super().send_400_response(msg)

    # --- ours ---

    def _wait(self) -> None:
        """From now on it is the connection that we have been waiting for the shortest time."""
        if not self.transport.is_closing():
            self.config.waiting[self] = None
            self.config.waiting.move_to_end(self)

    def _close_in(self, seconds: float) -> None:
        self._need_not_close()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _need_not_close(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _count_head(self, size: int) -> None:
        """Raises TooLongHead, which the parser turns into a refusal."""
        self._head_bytes += size
        if self._head_is_too_long():
            raise TooLongHead

    def _head_is_too_long(self) -> bool:
        count = 0 if self.headers is None else len(self.headers)
        return self._head_bytes > HEAD_BYTES or count > MOST_HEADERS

    def _refuse_head(self) -> None:
        """In English: what language is wished for was not read."""
        if self.cycle is None or self.cycle.response_complete:
            status, title = PROBLEMS["too-long-head"]
            problem = {
                "type": "urn:caillou:problem:too-long-head",
                "title": title,
                "status": status,
            }
            body = orjson.dumps(problem)
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
                b"Content-Type: application/problem+json\r\n"
                b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
            )
        self.transport.close()
