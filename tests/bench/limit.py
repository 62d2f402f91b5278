"""The limit: Starlette and sqlite3 alone, with the same answers and no checks, rules or audit.

LIMIT_DATABASE names the file. LIMIT_COMMIT is `each` (a commit a request, on the event loop) or
`group` (a writer thread; whatever is queued shares a commit). Both are as durable as the service:
WAL, synchronous=FULL.
"""

import asyncio
import os
import queue
import secrets
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Row = tuple[Any, ...]
Job = Callable[[sqlite3.Connection], Any]

OWN = [
    "revision",
    "taken_at",
    "reason",
    "sold_as",
    "form",
    "colour",
    "smell",
    "weight_mg",
    "weighed",
    "size",
    "already_used",
    "note_to_lab",
    "pickup_code",
    "card_languages",
]
GROUPS = {
    "transaction": [
        "price_eur",
        "no_price_because",
        "bought_on",
        "place_type",
        "area",
        "seller_type",
    ],
    "beliefs": [
        "guess_percent",
        "quality",
        "believed_cuts",
        "effects_blamed_on_cuts",
        "basing_cleans",
        "ammonia_left",
    ],
    "use": ["route", "effects_sought", "effects_felt", "unexpected_effects", "also_uses"],
    "person": ["age_band", "gender"],
}
FACTS = [*OWN, *(name for names in GROUPS.values() for name in names)]
ADDED = ["id", "lab_label", "state", "received_at"]
ASSAY = [
    "lab_label",
    "version",
    "status",
    "reason",
    "laboratory",
    "method",
    "analysed_at",
    "rock_weight_mg",
]
RESULT = [
    "substance",
    "outcome",
    "content_percent",
    "expressed_as",
    "uncertainty_percent",
    "lod_percent",
    "loq_percent",
]


def _insert(table: str, columns: list[str]) -> str:
    marks = ",".join("?" * len(columns))
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"


TABLES = (
    f"CREATE TABLE samples ({','.join([*ADDED, *FACTS])}, PRIMARY KEY (id), UNIQUE (lab_label))",
    "CREATE TABLE assays (id PRIMARY KEY, sample REFERENCES samples, received_at, "
    f"{','.join(ASSAY)})",
    "CREATE INDEX assays_of_sample ON assays (sample)",
    "CREATE TABLE results (assay REFERENCES assays, place, "
    f"{','.join(RESULT)}, PRIMARY KEY (assay, place))",
)
ADD_SAMPLE = _insert("samples", [*ADDED, *FACTS])
ADD_ASSAY = _insert("assays", ["id", "sample", "received_at", *ASSAY])
ADD_RESULT = _insert("results", ["assay", "place", *RESULT])
HELD = f"SELECT lab_label, received_at, {','.join(FACTS)} FROM samples WHERE id = ?"
LABELLED = "SELECT id FROM samples WHERE lab_label = ?"
STATE = "UPDATE samples SET state = 'answered' WHERE id = ?"
NEWEST = """
    SELECT r.substance, r.outcome, r.content_percent, a.rock_weight_mg FROM assays a
    JOIN results r ON r.assay = a.id WHERE a.sample = ? ORDER BY a.received_at DESC, r.place
"""


# --- Writing --------------------------------------------------------------------------------------


class Store(Protocol):
    reader: sqlite3.Connection

    async def write(self, job: Job) -> Any: ...


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(
        os.environ["LIMIT_DATABASE"], isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _in_transaction(connection: sqlite3.Connection, jobs: list[Job]) -> list[Any]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = [job(connection) for job in jobs]
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return done


class Each:
    """A commit a request, where it is asked."""

    def __init__(self) -> None:
        self.reader = _connect()

    async def write(self, job: Job) -> Any:
        return _in_transaction(self.reader, [job])[0]


class Grouped:
    """One writer thread; jobs queued while a commit runs share the next one."""

    def __init__(self) -> None:
        self.reader = _connect()
        self._queue: queue.SimpleQueue[tuple[Job, asyncio.Future[Any]]] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._write_all, daemon=True).start()

    async def write(self, job: Job) -> Any:
        answer = self._loop.create_future()
        self._queue.put((job, answer))
        return await answer

    def _write_all(self) -> None:
        connection = _connect()
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            done = _in_transaction(connection, [job for job, _ in batch])
            settled = [(answer, result) for (_, answer), result in zip(batch, done, strict=True)]
            self._loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for answer, result in settled:
        if not answer.done():
            answer.set_result(result)


# --- Endpoints ------------------------------------------------------------------------------------


async def put_sample(request: Request) -> Response:
    """Insert 33 columns once; a retry reads them again and gets the same receipt."""
    id = request.path_params["id"]
    facts = _facts(orjson.loads(await request.body()))
    label, now = secrets.token_hex(4), _now()

    def take_in(connection: sqlite3.Connection) -> Row | None:
        if connection.execute(ADD_SAMPLE, (id, label, "waiting", now, *facts)).rowcount:
            return None
        held: Row = connection.execute(HELD, (id,)).fetchone()
        return held

    held = await _store(request).write(take_in)
    if held is None:
        return _receipt(id, "new", label, now, 201)
    if held[2:] != facts:
        return Response(status_code=409)
    return _receipt(id, "identical", held[0], held[1], 200)


async def put_assay(request: Request) -> Response:
    """Insert the assay and a row for each result."""
    id, now = request.path_params["id"], _now()
    body = orjson.loads(await request.body())
    results = [(id, place, *map(one.get, RESULT)) for place, one in enumerate(body["results"])]

    def report(connection: sqlite3.Connection) -> bool:
        sample = connection.execute(LABELLED, (body["lab_label"],)).fetchone()[0]
        new = connection.execute(ADD_ASSAY, (id, sample, now, *map(body.get, ASSAY))).rowcount
        if new:
            connection.executemany(ADD_RESULT, results)
            connection.execute(STATE, (sample,))
        return bool(new)

    new = await _store(request).write(report)
    return _receipt(id, "new" if new else "identical", body["lab_label"], now, 201 if new else 200)


async def get_messages(request: Request) -> Response:
    """Twelve sentences in each language asked for, each with its evidence."""
    id = request.path_params["id"]
    languages = request.query_params.getlist("lang")
    messages = list(_messages(_values(request, id), languages))
    return _answer(
        {"sample_id": id, "state": "answered", "languages": languages, "messages": messages}
    )


async def get_card(request: Request) -> Response:
    """The same sentences beside French, as a page."""
    id = request.path_params["id"]
    languages = [*request.query_params.getlist("lang"), "fr"]
    rows = "".join(
        f"<tr class={message['slot']}>"
        + "".join(f"<td>{text}</td>" for text in message["text"].values())
        + "</tr>"
        for message in _messages(_values(request, id), languages)
    )
    page = f"<!doctype html><meta charset=utf-8><title>{id}</title><table>{rows}</table>"
    return Response(page, media_type="text/html")


def _facts(body: dict[str, Any]) -> Row:
    flat = [body[name] for name in OWN]
    for group, names in GROUPS.items():
        part = body[group]
        flat += [part[name] for name in names]
    return tuple(
        orjson.dumps(value).decode() if isinstance(value, list) else value for value in flat
    )


def _receipt(id: str, outcome: str, label: str, at: str, status: int) -> Response:
    receipt = {"id": id, "outcome": outcome, "revision": 1, "lab_label": label, "received_at": at}
    return _answer(receipt, status)


def _answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


# --- Words ----------------------------------------------------------------------------------------

SENTENCES = (
    ("result", "Ce caillou pèse {weight} mg. Il contient environ {amount} mg de cocaïne."),
    ("result", "Sur dix parts de ce caillou, environ {parts} sont de la cocaïne."),
    (
        "result",
        "Ce résultat ne vaut que pour ce morceau : un autre caillou peut être tout différent.",
    ),
    (
        "result",
        "Pas trouvé ne veut pas dire absent : de très petites quantités échappent à la machine.",
    ),
    ("result", "Aucun produit n’est sans danger, même si rien d’alarmant n’a été trouvé ici."),
    (
        "cut",
        "Nous avons trouvé {found}. "
        "Ce médicament pour animaux peut affaiblir les défenses du corps.",
    ),
    (
        "belief",
        "Plus le caillou est gros, plus la dose est forte : "
        "{weight} mg, c’est une dose de {amount} mg.",
    ),
    ("belief", "Baser ne nettoie pas : les produits de coupe restent dans le caillou."),
    ("belief", "Mâchoire serrée, cœur rapide, inquiétude : la cocaïne suffit à les expliquer."),
    (
        "care",
        "Douleur dans la poitrine, malaise, convulsions : appelez le 15 ou le 112 tout de suite.",
    ),
    ("care", "Vous décidez. Nous pouvons en parler ici, sans jugement."),
    ("care", "Drogues Info Service : 0 800 23 13 13, de 8 h à 2 h, gratuit et anonyme."),
)
EVIDENCE = [
    {
        "source": "OFDT/Inserm 2020",
        "place": "main quantitative characteristics",
        "figure": "84 mg in 148 mg",
    }
]


def _values(request: Request, id: str) -> dict[str, Any]:
    reader = _store(request).reader
    held = reader.execute(HELD, (id,)).fetchone()
    results = reader.execute(NEWEST, (id,)).fetchall()
    percent = next(content for _, _, content, _ in results if content is not None)
    weight = results[0][3] or held[FACTS.index("weight_mg") + 2]
    return {
        "weight": round(weight),
        "amount": round(weight * percent / 100),
        "parts": round(percent / 10),
        "found": ", ".join(
            substance for substance, outcome, _, _ in results if outcome == "detected"
        ),
    }


def _messages(values: dict[str, Any], languages: list[str]) -> Iterator[dict[str, Any]]:
    for key, (slot, sentence) in enumerate(SENTENCES):
        yield {
            "key": key,
            "slot": slot,
            "text": {language: sentence.format_map(values) for language in languages},
            "review": dict.fromkeys(languages, "draft"),
            "evidence": EVIDENCE,
        }


# --- The app --------------------------------------------------------------------------------------


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    connection = _connect()
    for statement in TABLES:
        connection.execute(statement)
    connection.close()
    app.state.store = Grouped() if os.environ["LIMIT_COMMIT"] == "group" else Each()
    yield


app = Starlette(
    routes=[
        Route("/v1/samples/{id}", put_sample, methods=["PUT"]),
        Route("/v1/assays/{id}", put_assay, methods=["PUT"]),
        Route("/v1/samples/{id}/messages", get_messages),
        Route("/v1/samples/{id}/card", get_card),
    ],
    lifespan=_lifespan,
)
