"""Who sends too much, too slowly or nothing at all is refused or let go, and everybody else is
answered."""

import itertools
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import psutil
import pytest

from service.foundation.bodies import BYTES_A_SECOND, FORM_BYTES
from service.foundation.http import MOST_WISHES, preferred
from service.foundation.server import HEAD_BYTES, MOST_HEADERS
from tests.foundation.hasty import CONNECTIONS, FILES, HEAD_SECONDS, PATIENCE_SECONDS
from tests.foundation.server import LAST_RESORT, Server

MEGABYTE = 1_000_000
FORMS = ["/sign-in", "/notices/write", "/notices/end", "/notices/aside"]
FIELDS = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=cut"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with deadlines of a second or two and room for 72 connections; no test may stop
    it."""
    server = Server(tmp_path_factory.mktemp("hasty"), "tests.foundation.hasty")
    server.start()
    yield server
    server.close()


def connected(server: Server, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=LAST_RESORT)
    connection.sendall(sent)
    return connection


def heard(connection: socket.socket) -> bytes:
    """Everything that comes until the connection is closed."""
    answer = b""

    try:
        while part := connection.recv(65_536):
            answer += part
    except ConnectionResetError:
        pass
    return answer


def head(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: caillou", *headers, "", ""]).encode()


# --- How much ---


def a_file() -> Iterator[bytes]:
    yield b'--cut\r\nContent-Disposition: form-data; name="name"; filename="name"\r\n\r\n'
    yield from itertools.repeat(b"x" * 50_000, 60)


def large_fields() -> Iterator[bytes]:
    for number in range(60):
        yield b"&name%d=" % number + b"x" * 50_000


def long_numbers() -> Iterator[bytes]:
    yield b'{"code": "'
    yield from itertools.repeat(b"9" * 50_000, 60)


def temporary_files(server: Server) -> list[str]:
    links = [
        link.readlink() for link in Path(f"/proc/{server.pid}/fd").iterdir() if link.is_symlink()
    ]
    return [str(link) for link in links if "(deleted)" in link.name]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(("kind", "body"), [(PARTS, a_file), (FIELDS, large_fields)])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_a_form_of_some_megabytes_is_refused_before_it_is_read(
    hasty: Server, path: str, kind: str, body: Callable[[], Iterator[bytes]], announced: bool
) -> None:
    headers = {"Content-Type": kind, "Origin": "https://elsewhere.example"}
    content = b"".join(body()) if announced else body()

    answer = hasty.client.post(path, content=content, headers=headers)

    assert answer.status_code == 413, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:caillou:problem:too-large"


def test_a_browser_is_told_on_a_page_that_a_form_is_too_large(hasty: Server) -> None:
    headers = {"Content-Type": FIELDS, "Accept": "text/html"}

    answer = hasty.client.post(
        "/sign-in?lang=en", content=b"name=" + b"x" * MEGABYTE, headers=headers
    )

    assert answer.status_code == 413
    assert "This is larger than is accepted here." in answer.text


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shows another process's files in /proc"
)
def test_a_form_that_is_held_open_is_neither_on_the_disk_nor_in_memory(hasty: Server) -> None:
    process = psutil.Process(hasty.pid)
    before = process.memory_info().rss
    chunk = b"%x\r\n%b\r\n" % (FORM_BYTES // 2, b"x" * (FORM_BYTES // 2))
    part = b'--cut\r\nContent-Disposition: form-data; name="name"; filename="name"\r\n\r\n'
    begun = head("POST", "/sign-in", f"Content-Type: {PARTS}", "Transfer-Encoding: chunked")
    begun += b"%x\r\n%b\r\n" % (len(part), part)

    with ExitStack() as open_forms:
        for _ in range(20):
            open_forms.enter_context(closing(connected(hasty, begun + chunk)))
        assert hasty.client.get("/healthz").status_code == 200
        assert temporary_files(hasty) == []
        assert process.memory_info().rss - before < 20 * MEGABYTE


def test_a_form_of_the_greatest_size_is_read(hasty: Server) -> None:
    body = b"name=ana&password=".ljust(FORM_BYTES, b"x")

    answer = hasty.client.post("/sign-in", content=body, headers={"Content-Type": FIELDS})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        [f"X-Long: {'x' * HEAD_BYTES}"],
        [f"Accept-Language: {'fr,' * (HEAD_BYTES // 3)}"],
        [f"X-{number}: {'x' * 1000}" for number in range(40)],
        [f"X-{number}: x" for number in range(MOST_HEADERS + 1)],
    ],
    ids=["one long", "languages", "in all", "many"],
)
def test_headers_beyond_the_bound_are_refused_and_the_connection_is_closed(
    hasty: Server, headers: list[str]
) -> None:
    with closing(connected(hasty, head("GET", "/healthz", *headers))) as client:
        answer = heard(client)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"urn:caillou:problem:too-long-head" in answer


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /",
        b"GET /healthz HTTP/1.1\r\nX-Long: ",
        head("POST", "/sign-in", "Transfer-Encoding: chunked") + b"0\r\nX-Long: ",
        head("POST", "/sign-in", "Transfer-Encoding: chunked") + b"1;",
    ],
    ids=["address", "header", "trailer", "extension of a chunk"],
)
def test_what_never_ends_is_not_gathered(hasty: Server, begun: bytes) -> None:
    before = psutil.Process(hasty.pid).memory_info().rss
    sent = 0

    with closing(connected(hasty, begun)) as client:
        try:
            for _ in range(300):
                client.sendall(b"x" * 100_000)
                sent += 100_000
        except (ConnectionResetError, BrokenPipeError):
            pass

    assert sent < 20 * MEGABYTE
    assert psutil.Process(hasty.pid).memory_info().rss - before < 10 * MEGABYTE
    assert hasty.client.get("/healthz").status_code == 200


def test_headers_within_the_bound_are_read(hasty: Server) -> None:
    headers = {"X-Long": "x" * (HEAD_BYTES - 1000), **{f"X-{number}": "x" for number in range(80)}}

    assert hasty.client.get("/healthz", headers=headers).status_code == 200


def test_of_what_is_wished_for_no_more_is_read_than_anybody_wishes() -> None:
    many = ", ".join([*["xx;q=0.9"] * (MOST_WISHES - 1), "en;q=0.5", "fr"])

    assert preferred(many, ("fr", "en")) == "en"
    assert preferred("xx" + ";" * 100_000 + ", en", ("fr", "en")) == "en"


# --- How long ---

BEGUN = {
    "nothing": b"",
    "half a line": b"GET /heal",
    "half of the headers": b"GET /healthz HTTP/1.1\r\nHost: cai",
    "half of the second request": head("GET", "/healthz") + b"GET /heal",
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=list(BEGUN))
def test_who_does_not_say_what_they_want_is_let_go(hasty: Server, begun: bytes) -> None:
    began = time.monotonic()

    with closing(connected(hasty, begun)) as client:
        heard(client)

    assert time.monotonic() - began > 0.8 * HEAD_SECONDS


def test_headers_that_come_letter_by_letter_are_not_waited_for_longer(hasty: Server) -> None:
    with closing(connected(hasty, b"GET /healthz HTTP/1.1\r\n")) as client:
        client.settimeout(0.05)
        began = time.monotonic()

        while time.monotonic() < began + LAST_RESORT:
            try:
                client.sendall(b"X")
                if client.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break

        assert time.monotonic() < began + LAST_RESORT


FORM_HEAD = head("POST", "/sign-in?lang=en", f"Content-Type: {FIELDS}", "Content-Length: 1000")
BATCH_HEAD = "Content-Length: 1000"


def test_a_form_that_does_not_come_is_408_and_the_connection_is_closed(hasty: Server) -> None:
    with closing(connected(hasty, FORM_HEAD + b"name=")) as client:
        answer = heard(client)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    assert b"urn:caillou:problem:too-slow" in answer


def test_a_body_of_json_that_does_not_come_is_408(hasty: Server) -> None:
    token = f"Authorization: Bearer {hasty.credentials['outreach']}"

    with closing(
        connected(hasty, head("POST", "/v1/pickup-pads", token, BATCH_HEAD) + b"{")
    ) as client:
        answer = heard(client)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:caillou:problem:too-slow" in answer
    assert "POST /v1/pickup-pads 408" in hasty.log


def test_a_body_that_comes_slowly_but_comes_is_read(hasty: Server) -> None:
    """In more time than a silent one is waited for."""
    pieces = 4
    length = pieces * BYTES_A_SECOND
    begun = FORM_HEAD.replace(b": 1000", b": %d" % length).replace(
        b"Host", b"Connection: close\r\nHost"
    )

    with closing(connected(hasty, begun)) as client:
        for _ in range(pieces):
            client.sendall(b"x" * BYTES_A_SECOND)
            time.sleep(PATIENCE_SECONDS / 2)
        answer = heard(client)

    assert answer.startswith(b"HTTP/1.1 422 ")


def test_who_goes_on_sending_what_was_refused_is_let_go(hasty: Server) -> None:
    """Nobody reads a body where no method takes one: the answer is there at once, the rest is
    thrown away."""
    with closing(
        connected(hasty, head("DELETE", "/healthz", "Content-Length: 100000000"))
    ) as client:
        client.settimeout(0.05)
        answer = b""
        began = time.monotonic()

        while time.monotonic() < began + LAST_RESORT:
            try:
                client.sendall(b"x")
                part = client.recv(65_536)
                answer += part
                if not part:
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break

        assert time.monotonic() < began + LAST_RESORT
    assert answer.startswith(b"HTTP/1.1 405 ")


def test_who_listens_for_notices_is_not_let_go(hasty: Server) -> None:
    headers = {"Authorization": f"Bearer {hasty.credentials['outreach']}"}

    with hasty.client.stream("GET", "/v1/notices/stream?lang=en", headers=headers) as stream:
        lines = stream.iter_lines()
        next(lines)
        for begun in (b"", FORM_HEAD):
            with closing(connected(hasty, begun)) as silent:
                heard(silent)
        assert any(line.startswith(":") for line in itertools.islice(lines, 1000))


# --- How many ---


@pytest.mark.parametrize("begun", [*BEGUN.values(), FORM_HEAD], ids=[*BEGUN, "half a body"])
def test_with_more_silent_connections_than_there_is_room_for_everybody_else_is_answered(
    hasty: Server, begun: bytes
) -> None:
    assert CONNECTIONS < FILES

    with ExitStack() as silent:
        for _ in range(2 * FILES):
            silent.enter_context(closing(connected(hasty, begun)))

        with httpx2.Client(
            base_url=hasty.client.base_url, trust_env=False, timeout=LAST_RESORT
        ) as other:
            assert other.get("/readyz").status_code == 200


def test_a_stream_makes_no_room_for_silent_connections(hasty: Server) -> None:
    headers = {"Authorization": f"Bearer {hasty.credentials['outreach']}"}

    with (
        ExitStack() as silent,
        hasty.client.stream("GET", "/v1/notices/stream", headers=headers) as stream,
    ):
        lines = stream.iter_lines()
        next(lines)
        for _ in range(2 * CONNECTIONS):
            silent.enter_context(closing(connected(hasty)))
        assert hasty.client.get("/healthz").status_code == 200
        assert any(line.startswith(":") for line in itertools.islice(lines, 1000))
