"""What every answer has in common, whatever was sent: a refusal with a stable type in the reader's
language, the safety headers, one line in the log, and nothing of anybody in that line."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from starlette.requests import Request

from service.foundation.http import BODY_BYTES, HEADERS, in_parts, preferred, tagged
from tests.conftest import Knocker, token_of
from tests.foundation.server import Server, new_id
from tests.rocks import rock_body

NOTE = "tousse depuis mardi et dort mal"
SECRET = "ce que quelqu'un nous a dit"
SAMPLE = "/v1/samples/0192f3a1-7c3e-7000-8000-3d1f5a2b9c01"
BODIES_GO_TO = [("PUT", SAMPLE), ("POST", "/v1/samples/batch"), ("POST", "/v1/pickup-pads")]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
some = effort(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_problem(answer: Any, kind: str, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["type"] == f"urn:caillou:problem:{kind}"
    assert said["status"] == status
    assert isinstance(said["title"], str)
    assert said["title"]


# --- Refusals ---


@on_sqlite
@pytest.mark.parametrize(("method", "path"), BODIES_GO_TO)
def test_a_body_over_a_megabyte_is_413_when_it_says_its_length(
    worker: Knocker, method: str, path: str
) -> None:
    assert_problem(worker(method, path, content=b" " * (BODY_BYTES + 1)), "too-large", 413)


@on_sqlite
@pytest.mark.parametrize(("method", "path"), BODIES_GO_TO)
def test_a_body_over_a_megabyte_is_413_when_it_comes_in_chunks(
    worker: Knocker, method: str, path: str
) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    assert_problem(worker(method, path, content=chunks()), "too-large", 413)


def test_a_running_server_refuses_a_large_body_and_goes_on(server: Server) -> None:
    assert_problem(
        server.ask("outreach", "PUT", SAMPLE, content=b" " * (2 * BODY_BYTES)), "too-large", 413
    )
    assert server.client.get("/healthz").status_code == 200


@on_sqlite
def test_a_body_of_a_megabyte_is_read(worker: Knocker) -> None:
    assert BODY_BYTES == 1_000_000
    pad = orjson.dumps({"count": 1})

    taken = worker("POST", "/v1/pickup-pads", content=pad.ljust(BODY_BYTES))
    assert taken.status_code == 201, taken.text


MALFORMED = {
    "nothing": b"",
    "a beginning": b'{"revision": 1, ',
    "half a word": b"nul",
    "a comma too many": b'{"count": 1,}',
    "bytes that are no text": b'{"count": "\xff\xfe"}',
    "another alphabet": '{"count": 1}'.encode("utf-16"),
    "a hole without a floor": b"[" * 100_000,
    "two bodies": b'{"count": 1}{"count": 1}',
}


@on_sqlite
def test_what_is_not_json_is_400(worker: Knocker) -> None:
    statuses = {
        (path, kind): worker(method, path, content=body).status_code
        for method, path in BODIES_GO_TO
        for kind, body in MALFORMED.items()
    }
    assert statuses == dict.fromkeys(statuses, 400)
    assert_problem(worker("PUT", SAMPLE, content=MALFORMED["a beginning"]), "malformed", 400)


@on_sqlite
@pytest.mark.parametrize(("method", "path"), BODIES_GO_TO)
def test_json_of_another_shape_is_422_and_names_its_places(
    worker: Knocker, method: str, path: str
) -> None:
    for body in (b"null", b"1", b'"text"', b"{}", b'{"count": "5"}', b'{"count": 1e99}'):
        answer = worker(method, path, content=body)

        assert_problem(answer, "invalid", 422)
        assert answer.json()["errors"]
        for error in answer.json()["errors"]:
            assert error["pointer"] == "" or error["pointer"].startswith("/")
            assert error["detail"]


WRONG_METHODS = [
    ("DELETE", "/healthz"),
    ("POST", "/v1/languages"),
    ("POST", SAMPLE),
    ("PUT", "/v1/samples/batch/"[:-1]),
    ("PATCH", "/"),
    ("PROPFIND", "/v1/samples"),
    ("DELETE", "/r/7K3M-9QXT-4HBW2"),
]


@on_sqlite
def test_a_method_that_an_address_does_not_take_is_405(worker: Knocker) -> None:
    for method, path in WRONG_METHODS:
        if path != "/v1/samples/batch":  # also /v1/samples/{id}, which takes PUT
            assert_problem(worker(method, path), "wrong-method", 405)


@on_sqlite
def test_a_405_says_which_methods_there_are(anyone: TestClient) -> None:
    assert "GET" in anyone.delete("/healthz").headers.get("allow", "")


UNKNOWN_PATHS = [
    "/nothing",
    "/v1/",
    "/static/nothing.css",
    "/static/../app.py",
    "/static/%2e%2e/%2e%2e/service/app.py",
    "/%00",
    "/v1/samples/a/b/c",
]


@on_sqlite
def test_an_address_where_nothing_is_is_404(worker: Knocker) -> None:
    for path in UNKNOWN_PATHS:
        assert_problem(worker.get(path), "not-found", 404)


@on_sqlite
def test_refusals_speak_french_or_english_as_the_reader_wishes(anyone: TestClient) -> None:
    french, english = "Il n’y a rien ici.", "There is nothing here."
    wishes = [
        ("/nothing", "fr", french),
        ("/nothing", "en", english),
        ("/nothing", "en-GB,en;q=0.9,fr;q=0.8", english),
        ("/nothing", "fr-CA", french),
        ("/nothing", "ka, en;q=0.1", english),
        ("/nothing", "ka", french),
        ("/nothing", "", french),
        ("/nothing?lang=en", "fr", english),
        ("/nothing?lang=fr", "en", french),
        ("/nothing?lang=xx", "en", english),
    ]
    for path, wish, title in wishes:
        answer = anyone.get(path, headers={"Accept-Language": wish})
        assert (path, wish, answer.json()["title"]) == (path, wish, title)


@on_sqlite
def test_the_details_of_bad_fields_are_translated_too(worker: Knocker) -> None:
    details = {
        language: worker("POST", f"/v1/pickup-pads?lang={language}", json={}).json()["errors"][0][
            "detail"
        ]
        for language in ("fr", "en")
    }

    assert details["en"] == "This field is required."
    assert details["fr"] != details["en"]


@on_sqlite
def test_a_browser_is_refused_with_a_page(anyone: TestClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = anyone.get("/nothing?lang=en", headers=browser)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing here." in answer.text


# --- What every answer carries ---


@pytest.fixture
def crashing(app: FastAPI, anyone: TestClient) -> TestClient:
    """A service with a door behind which the code is broken."""

    async def crash(code: str) -> NoReturn:
        raise RuntimeError(f"{SECRET}: {code}")

    app.add_api_route("/crash/{code}", crash, methods=["GET", "PUT"], response_model=None)
    return anyone


@on_sqlite
def test_every_answer_carries_the_safety_headers_and_is_not_kept(crashing: TestClient) -> None:
    me = {"Authorization": f"Bearer {token_of('outreach')}"}
    ask = crashing.request
    answers = [
        (200, ask("GET", "/healthz")),
        (200, ask("GET", "/")),
        (200, ask("GET", "/openapi.json")),
        (200, ask("GET", "/static/caillou.css")),
        (201, ask("POST", "/v1/pickup-pads", json={"count": 1}, headers=me)),
        (303, ask("GET", "/r/?code=7K3M-9QXT-4HBW2", follow_redirects=False)),
        (400, ask("PUT", SAMPLE, content=b"{", headers=me)),
        (401, ask("GET", "/v1/samples")),
        (403, ask("GET", "/survey/", headers=me)),
        (404, ask("GET", "/nothing")),
        (404, ask("GET", "/r/7K3M-9QXT-4HBW2")),
        (405, ask("DELETE", "/healthz")),
        (413, ask("PUT", SAMPLE, content=b" " * (BODY_BYTES + 1), headers=me)),
        (422, ask("PUT", SAMPLE, json={}, headers=me)),
        (500, ask("GET", "/crash/x")),
    ]
    for status, answer in answers:
        assert answer.status_code == status, answer.text
        assert answer.headers["cache-control"] == "no-store", answer.url
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url


def test_no_script_no_frame_and_no_other_site_is_ever_allowed() -> None:
    policy = dict(
        rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy.get("script-src", "'self'") == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["Referrer-Policy"] == "no-referrer"


def test_the_server_does_not_say_what_it_is_made_of(server: Server) -> None:
    headers = server.client.get("/healthz").headers

    assert "server" not in headers
    assert "x-powered-by" not in headers


# --- What was wished for ---

HTML, PDF, JSON = "text/html", "application/pdf", "application/problem+json"
ACCEPT = [
    (None, (HTML, PDF), HTML),
    ("", (HTML, PDF), HTML),
    ("   ", (HTML, PDF), HTML),
    ("*/*", (HTML, PDF), HTML),
    ("application/pdf", (HTML, PDF), PDF),
    ("Application/PDF", (HTML, PDF), PDF),
    ("application/*", (HTML, PDF), PDF),
    ("text/html;q=0.5, application/pdf", (HTML, PDF), PDF),
    ("text/html; q=0.5, application/pdf; q=0.4", (HTML, PDF), HTML),
    ("text/html, application/pdf", (HTML, PDF), HTML),
    ("application/pdf, text/html", (HTML, PDF), HTML),
    ("text/html;level=1;q=0.3, application/pdf;q=0.4", (HTML, PDF), PDF),
    ("*/*, text/html;q=0", (HTML, PDF), PDF),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", (JSON, HTML), HTML),
    ("audio/ogg", (HTML, PDF), None),
    ("text/html;q=0", (HTML,), None),
    ("text/html;q=0.0, application/pdf;q=0", (HTML, PDF), None),
    ("text/html;q=rubbish", (HTML, PDF), None),
    ("text", (HTML, PDF), None),
    ("/", (HTML, PDF), None),
    (";;;,,,=", (HTML, PDF), None),
]
ACCEPT_LANGUAGE = [
    (None, ("fr", "en"), "fr"),
    ("*", ("fr", "en"), "fr"),
    ("en", ("fr", "en"), "en"),
    ("EN-us", ("fr", "en"), "en"),
    ("ru, en;q=0.2", ("fr", "en"), "en"),
    ("en;q=0.2, fr;q=0.1", ("fr", "en"), "en"),
    ("fr;q=0, *", ("fr", "en"), "en"),
    ("pt-BR,pt;q=0.9", ("fr", "ar", "pt"), "pt"),
    ("english", ("fr", "en"), None),
    ("e", ("fr", "en"), None),
    ("ka", ("fr", "en"), None),
    ("en;q=5, fr", ("fr", "en"), "fr"),
    ("en;q=-1, fr;q=0.1", ("fr", "en"), "fr"),
]


@pytest.mark.parametrize(("header", "offered", "best"), ACCEPT + ACCEPT_LANGUAGE)
def test_what_is_liked_best_is_handed_over(
    header: str | None, offered: tuple[str, ...], best: str | None
) -> None:
    assert preferred(header, offered) == best


@pytest.mark.parametrize(
    ("header", "offered", "best"),
    [
        ("text/html;q=0.1, */*", (HTML, PDF), PDF),
        ("text/html;q=0.1, text/*;q=0.9, application/pdf;q=0.5", (HTML, PDF), PDF),
        ("text/*;q=0, */*", (HTML, PDF), PDF),
        ("fr;q=0.1, *;q=0.5", ("fr", "en"), "en"),
    ],
)
def test_what_was_said_of_one_thing_beats_what_was_said_of_all(
    header: str, offered: tuple[str, ...], best: str
) -> None:
    """RFC 9110, 12.5.1: the most specific range that matches has precedence."""
    assert preferred(header, offered) == best


def test_a_weight_that_is_no_number_takes_nothing_from_the_others() -> None:
    assert preferred("fr;q=nan, en;q=0.5", ("fr", "en")) == "en"
    assert preferred("en;q=0.5, fr;q=nan", ("fr", "en")) == "en"


PIECES = st.lists(
    st.sampled_from(
        [
            "fr",
            "en",
            "*",
            "*/*",
            HTML,
            "text/*",
            ";",
            ",",
            "q=",
            "0.5",
            "1",
            "0",
            "nan",
            "-",
            "/",
            " ",
        ]
    )
)


@effort(max_examples=400, database=None)
@given(header=st.text() | PIECES.map("".join), offered=st.sampled_from([("fr", "en"), (HTML, PDF)]))
def test_no_header_is_too_strange_to_be_read(header: str, offered: tuple[str, ...]) -> None:
    assert preferred(header, offered) in (*offered, None)


@effort(max_examples=200, database=None)
@given(st.permutations(["fr", "en", "ar", "ru"]))
def test_the_order_of_the_weights_decides_and_not_the_order_of_the_words(
    languages: list[str],
) -> None:
    weighed = [f"{language};q={0.9 - place / 10:.1f}" for place, language in enumerate(languages)]

    assert preferred(", ".join(weighed), ("fr", "en", "ar", "ru")) == languages[0]
    assert preferred(", ".join(reversed(weighed)), ("fr", "en", "ar", "ru")) == languages[0]


# --- Nothing that is sent breaks the service ---

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**18, max_value=10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["\x00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-20", "İ", "١٢"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


def as_json(value: Any) -> bytes:
    # The standard library writes what orjson refuses: huge numbers and lone surrogates, as a client
    # might.
    return json.dumps(value).encode()


def test_no_sample_however_strange_is_answered_with_a_failure_of_ours(
    worker: Knocker, code: str
) -> None:
    whole = rock_body(code)
    groups = [name for name, value in whole.items() if isinstance(value, dict)]

    @some
    @given(st.data())
    def every(data: st.DataObject) -> None:
        body = {**whole, "taken_at": "2026-11-20T23:10:00+01:00"}
        name = data.draw(st.sampled_from(sorted(body)))
        strange = data.draw(ANY_JSON)
        if name in groups and data.draw(st.booleans()):
            inner = data.draw(st.sampled_from(sorted(whole[name])))
            body[name] = {**whole[name], inner: strange}
        else:
            body[name] = strange
        content = as_json(body)
        assert worker("PUT", f"/v1/samples/{new_id()}", content=content).status_code < 500
        batch = as_json({"samples": [{**body, "id": new_id()}, strange]})
        assert worker("POST", "/v1/samples/batch", content=batch).status_code < 500

    every()


def nulled(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with one field after the other given as null, the required ones excepted."""
    for name, value in body.items():
        if name not in ("revision", "taken_at", "pickup_code"):
            yield f"/{name}", {**body, name: None}
        if isinstance(value, dict):
            for inner in value:
                yield f"/{name}/{inner}", {**body, name: {**value, inner: None}}


@on_sqlite
def test_every_field_that_may_be_left_out_may_be_null(worker: Knocker) -> None:
    whole = rock_body("")
    fields = list(nulled(whole))
    codes = worker.post("/v1/pickup-pads", {"count": len(fields)}).json()["codes"]
    refused = {}
    for (field, body), code in zip(fields, codes, strict=True):
        answer = worker.put(f"/v1/samples/{new_id()}", {**body, "pickup_code": code})
        if answer.status_code != 201:
            refused[field] = answer.status_code

    assert len(fields) > 25
    assert refused == {}


@on_sqlite
def test_a_number_of_thousands_of_digits_is_the_clients_fault(worker: Knocker, code: str) -> None:
    for digits in (400, 4300, 4301, 10_000):
        number = b"9" * digits
        for method, path in BODIES_GO_TO:
            for body in (
                number,
                b"[" + number + b"]",
                b'{"count": ' + number + b"}",
                b'{"samples": [' + number + b"]}",
            ):
                assert worker(method, path, content=body).status_code < 500, (path, digits)


def test_no_question_however_strange_is_answered_with_a_failure_of_ours(worker: Knocker) -> None:
    values = st.text(max_size=40) | st.sampled_from(
        [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-11-20T23:10:00Z_0192f3a17c3e700080003d1f5a2b9c01",
            "\x00",
            "\x00_\x00",
            "waiting",
            "1e999",
            "nan",
        ]
    )

    @some
    @given(
        asked=st.dictionaries(st.sampled_from(["state", "updated_since", "cursor", "lang"]), values)
    )
    def every(asked: dict[str, str]) -> None:
        asked = {name: value.encode("utf-8", "replace").decode() for name, value in asked.items()}
        for path in (
            "/v1/samples",
            f"{SAMPLE}/messages",
            "/v1/results/7K3M-9QXT-4HBW2",
            "/",
            "/nothing",
        ):
            assert worker.get(path, params=asked).status_code < 500, (path, asked)

    every()


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_at_the_edge_of_time_is_the_clients_fault(
    worker: Knocker, code: str, instant: str
) -> None:
    cursor = f"{instant}_0192f3a17c3e700080003d1f5a2b9c01"

    assert worker.get("/v1/samples", params={"updated_since": instant}).status_code < 500
    assert worker.get("/v1/samples", params={"cursor": cursor}).status_code < 500
    assert worker.put(SAMPLE, rock_body(code, taken_at=instant)).status_code == 422


def test_a_code_or_a_token_however_strange_is_answered_with_a_refusal(anyone: TestClient) -> None:
    for strange in (
        "%00",
        "%ED%A0%80",
        "%FF",
        "%F0%9F%AA%A8",
        "a" * 3000,
        "..%2f..",
        "%0d%0aX:%20y",
        "İ" * 40,
    ):
        for path in (f"/r/{strange}", f"/v1/results/{strange}", f"/r/?code={strange}"):
            assert anyone.get(path, follow_redirects=False).status_code < 500, path
        for token in (
            strange,
            f"Bearer {strange}",
            f"Bearer \x80{strange}",
            "Bearer",
            "Basic Zm9vOmJhcg==",
        ):
            headers = {b"Authorization": token.encode("latin-1", "replace")}
            assert anyone.get("/v1/samples", headers=headers).status_code == 401


def test_a_name_that_no_column_can_hold_is_refused_at_the_sign_in(anyone: TestClient) -> None:
    for name in ("a%00b", "%00", "%FF", "%ED%A0%80", "x" * 100):
        answer = anyone.post(
            "/sign-in",
            content=f"name={name}&password={name}",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": "https://caillou.example",
            },
        )
        assert 400 <= answer.status_code < 500, (name, answer.text)


# --- What the log says, and what it never says ---


def lines(logged: pytest.LogCaptureFixture, logger: str) -> list[str]:
    return [record.getMessage() for record in logged.records if record.name == logger]


def assert_silent_about(logged: pytest.LogCaptureFixture, *secrets: str) -> None:
    formatter = logging.Formatter("%(name)s %(message)s")
    # What our own client says it asks for is on the client's side.
    ours = [
        record for record in logged.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    said = "\n".join(formatter.format(record) for record in ours).casefold()
    for secret in secrets:
        assert secret.casefold() not in said


@on_sqlite
def test_a_crash_is_500_and_neither_the_answer_nor_the_log_says_what_the_error_said(
    crashing: TestClient, logged: pytest.LogCaptureFixture
) -> None:
    answer = crashing.get("/crash/7K3M-9QXT-4HBW2?lang=en", headers={"X-Told": SECRET})

    assert_problem(answer, "internal", 500)
    assert answer.json()["title"] == "Something broke on our side. Nothing was half-stored."
    assert SECRET not in answer.text
    [crash] = [line for line in lines(logged, "caillou.event") if line.startswith("crash")]
    assert crash.startswith("crash RuntimeError\n")
    assert "in crash" in crash  # the function's name: where to look
    assert_silent_about(logged, SECRET, "7K3M-9QXT-4HBW2")


@on_sqlite
def test_a_browser_is_told_of_a_crash_on_a_page(crashing: TestClient) -> None:
    answer = crashing.get("/crash/x?lang=en", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "Something broke on our side." in answer.text
    assert SECRET not in answer.text


@pytest.fixture
def broken_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: Any, sample: Any, **more: Any) -> NoReturn:
        raise RuntimeError(f"{SECRET}: {sample}")

    monkeypatch.setattr("service.intake.store.add", broken)


def test_a_crash_within_a_write_is_500_stores_nothing_and_says_nothing(
    worker: Knocker, code: str, broken_store: None, logged: pytest.LogCaptureFixture
) -> None:
    answer = worker.put(SAMPLE, rock_body(code, note_to_lab=NOTE))

    assert_problem(answer, "internal", 500)
    assert worker.get(SAMPLE).status_code == 404
    assert SECRET not in answer.text
    assert NOTE not in answer.text
    assert [line.split("\n")[0] for line in lines(logged, "caillou.event")] == [
        "crash RuntimeError"
    ]
    assert_silent_about(logged, SECRET, NOTE, code)


def test_a_request_is_one_line_with_the_template_of_its_address(
    worker: Knocker, code: str, logged: pytest.LogCaptureFixture
) -> None:
    logged.clear()
    worker.put(SAMPLE, rock_body(code, note_to_lab=NOTE))
    worker.get(f"/r/{code}")
    worker.get(f"/r/{code.lower().replace('-', '')}?lang=ru")
    worker.get(f"/v1/results/{code}?lang=ru")
    worker.get(f"{SAMPLE}/messages?lang=ru")
    worker.delete(SAMPLE)

    said = [line.rsplit(" ", 2)[0] for line in lines(logged, "caillou.request")]
    assert said == [
        "PUT /v1/samples/{id} 201",
        "GET /r/{pickup_code} 200",
        "GET /r/{pickup_code} 200",
        "GET /v1/results/{pickup_code} 200",
        "GET /v1/samples/{id}/messages 200",
        "DELETE /v1/samples/{id} 204",
    ]


@pytest.fixture
def told(worker: Knocker, code: str) -> tuple[str, ...]:
    """What a sample tells of a person, which no line may repeat."""
    return (
        code,
        code.replace("-", ""),
        NOTE,
        SAMPLE.rpartition("/")[2],
        "75118",
        "35-44",
        "woman",
        "buprenorphine",
    )


def test_nothing_of_a_sample_or_its_code_is_logged(
    worker: Knocker, code: str, told: tuple[str, ...], logged: pytest.LogCaptureFixture
) -> None:
    body = rock_body(code, note_to_lab=NOTE)
    asked: list[Callable[[], Any]] = [
        lambda: worker.put(SAMPLE, body),
        lambda: worker.put(SAMPLE, body),
        lambda: worker.put(SAMPLE, {**body, "weight_mg": 1}),
        lambda: worker.put(SAMPLE, {**body, "weight_mg": "138", NOTE: NOTE}),
        lambda: worker("PUT", SAMPLE, content=orjson.dumps(body)[:-5]),
        lambda: worker.post("/v1/samples/batch", {"samples": [{**body, "id": new_id()}]}),
        lambda: worker.get(f"/r/{code}"),
        lambda: worker.get(f"/r/?code={code}"),
        lambda: worker.get(f"/v1/results/{code}"),
        lambda: worker("PROPFIND", f"/v1/results/{code}"),
        lambda: worker.get(f"/v1/result/{code}"),
        lambda: worker.get(f"/nothing/{code}?note={NOTE}"),
        lambda: worker.get(f"{SAMPLE}/card", headers={"Accept": "text/html"}),
        lambda: worker.delete(SAMPLE),
        lambda: worker.put(SAMPLE, body),
    ]
    statuses = [ask().status_code for ask in asked]

    assert statuses == [201, 200, 409, 422, 400, 207, 200, 200, 200, 405, 404, 404, 200, 204, 409]
    assert len(lines(logged, "caillou.request")) >= len(asked)
    assert_silent_about(logged, *told, token_of("outreach"))


def test_a_running_server_prints_nothing_of_a_sample_its_code_or_a_token(server: Server) -> None:
    [code] = server.codes(1)
    id = new_id()
    assert server.submit(id, code, note_to_lab=NOTE).status_code == 201
    assert server.client.get(f"/r/{code}").status_code == 200
    assert server.client.get(f"/v1/results/{code}").status_code == 200
    assert server.client.get(f"/nothing/{code}").status_code == 404
    assert server.submit(id, code, note_to_lab=NOTE, form="?").status_code == 422

    printed = server.log
    assert "GET /r/{pickup_code} 200" in printed
    tokens = [token for owner, token in server.credentials.items() if owner != "base_url"]
    for secret in (code, code.replace("-", ""), id, NOTE, *tokens):
        assert secret not in printed


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("", 200, slice(None), None),
        ("bytes=0-1", 206, slice(0, 2), "bytes 0-1/100"),
        ("bytes=90-", 206, slice(90, None), "bytes 90-99/100"),
        ("bytes=-5", 206, slice(-5, None), "bytes 95-99/100"),
        ("bytes=-500", 206, slice(None), "bytes 0-99/100"),
        ("bytes=5-99999999", 206, slice(5, None), "bytes 5-99/100"),
        ("bytes=100-", 416, slice(0), "bytes */100"),
        ("bytes=5-1", 200, slice(None), None),
        ("bytes=0-1,5-6", 200, slice(None), None),
        ("bytes=-", 200, slice(None), None),
        ("lines=1-2", 200, slice(None), None),
    ],
)
def test_a_player_gets_the_part_it_asks_for(
    asked: str, status: int, part: slice, said: str | None
) -> None:
    request = Request({"type": "http", "headers": [(b"range", asked.encode())]})
    sound = bytes(range(100))
    answer = in_parts(request, sound, "audio/mpeg", {"Content-Language": "fr"})
    assert (answer.status_code, answer.body) == (status, sound[part])
    assert answer.headers.get("content-range") == said
    assert (answer.headers["accept-ranges"], answer.headers["content-language"]) == ("bytes", "fr")


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (None, False),
        ("", False),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"y" , "abc"', True),
        ("*", True),
        ("abc", False),
        ('"ab"', False),
        ('"abcd"', False),
        ('"x"abc"y"', False),
        ('"*"', False),
    ],
)
def test_what_the_client_holds_is_not_sent_again(asked: str | None, held: bool) -> None:
    answer = tagged(asked, "abc", b"{}", "application/json", {"Cache-Control": "no-cache"})
    assert (answer.status_code, answer.body) == ((304, b"") if held else (200, b"{}"))
    assert (answer.headers["etag"], answer.headers["cache-control"]) == ('"abc"', "no-cache")
