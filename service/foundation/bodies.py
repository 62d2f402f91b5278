"""How much of a request's body comes in, and how long it is waited for, at every endpoint.

FastAPI reads a form before it asks any dependency, so no permission guards what is read. An
endpoint that says nothing gets FORM_BYTES at most; one that reads the body itself says how much it
accepts.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_BYTES = 64_000
PATIENCE_SECONDS = 20.0
BYTES_A_SECOND = 500
"""What has come gives the body more time. Apache's default is the same: body=20,MinRate=500."""

_BODY = "caillou.body"


class Bounded:
    """Around the app: a body is cut off where it grows too large (413) or comes too slowly (408).

    Both are HTTPExceptions: FastAPI lets no other through while it reads a form.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        body = scope[_BODY] = _Body(scope, receive, send)
        await self.app(scope, body.receive, body.send)


def accept(request: Request, most: int) -> None:
    """Let this request's body have so many bytes."""
    body: _Body = request.scope[_BODY]
    body.most = most


class _Body:
    """One request's body on its way in."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.most = FORM_BYTES
        self._scope, self._receive, self._send = scope, receive, send
        self._size = 0
        self._waited = 0.0
        self._whole = False
        self._late = False
        self._answering = False

    async def receive(self) -> Message:
        """The next part. Raises HTTPException; who is answered already is gone instead."""
        if self._whole:
            return await self._receive()

        if self._announced() > self.most:
            return self._cut(413)

        try:
            message = await self._next()
        except TimeoutError:
            self._late = True
            return self._cut(408)

        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)

        if self._size > self.most:
            return self._cut(413)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answering = True
            if self._late:
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
        await self._send(message)

    async def _next(self) -> Message:
        """The server's next message. Raises TimeoutError where it comes too late."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        left = PATIENCE_SECONDS + self._size / BYTES_A_SECOND - self._waited

        try:
            async with asyncio.timeout(left):
                return await self._receive()
        finally:
            self._waited += loop.time() - began

    def _announced(self) -> int:
        lengths = [value for name, value in self._scope["headers"] if name == b"content-length"]
        return max((int(length) for length in lengths if length.isdigit()), default=0)

    def _cut(self, status: int) -> Message:
        if self._answering:
            return {"type": "http.disconnect"}
        raise HTTPException(status)
