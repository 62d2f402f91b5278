"""The plain way of the frameworks' tutorials: FastAPI, SQLModel, `def` endpoints, a Session each.

It gives the same answers to samples, retries, assays and messages; no sign-in, no rules, no trail.
PLAIN_DATABASE names the SQLite file, which is as durable as the service's: WAL, synchronous=FULL.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from sqlmodel import Field, Session, SQLModel, create_engine, select

from tests.bench.limit import EVIDENCE, SENTENCES


def _list() -> Any:
    return Field(default=None, sa_type=sa.JSON)


class Transaction(SQLModel):
    price_eur: float | None = None
    no_price_because: str | None = None
    bought_on: date | None = None
    place_type: str | None = None
    area: str | None = None
    seller_type: str | None = None


class Beliefs(SQLModel):
    guess_percent: float | None = None
    quality: str | None = None
    believed_cuts: list[str] | None = _list()
    effects_blamed_on_cuts: list[str] | None = _list()
    basing_cleans: bool | None = None
    ammonia_left: bool | None = None


class Use(SQLModel):
    route: str | None = None
    effects_sought: list[str] | None = _list()
    effects_felt: list[str] | None = _list()
    unexpected_effects: bool | None = None
    also_uses: list[str] | None = _list()


class Person(SQLModel):
    age_band: str | None = None
    gender: str | None = None


class Own(SQLModel):
    revision: int
    taken_at: datetime
    pickup_code: str
    reason: str | None = None
    sold_as: str | None = None
    form: str | None = None
    colour: str | None = None
    smell: str | None = None
    weight_mg: float | None = None
    weighed: str | None = None
    size: str | None = None
    already_used: bool | None = None
    card_languages: list[str] | None = _list()
    note_to_lab: str | None = None


class SampleIn(Own):
    transaction: Transaction
    beliefs: Beliefs
    use: Use
    person: Person


class Sample(Own, Transaction, Beliefs, Use, Person, table=True):
    __tablename__ = "samples"

    id: UUID = Field(primary_key=True)
    lab_label: str = Field(unique=True)
    state: str = "waiting"
    received_at: datetime


class ResultBase(SQLModel):
    substance: str
    outcome: str
    content_percent: float | None = None
    expressed_as: str | None = None
    uncertainty_percent: float | None = None
    lod_percent: float | None = None
    loq_percent: float | None = None


class AssayBase(SQLModel):
    lab_label: str
    version: int
    status: str
    reason: str | None = None
    laboratory: str
    method: str
    analysed_at: datetime
    rock_weight_mg: float | None = None


class AssayIn(AssayBase):
    results: list[ResultBase]


class Assay(AssayBase, table=True):
    __tablename__ = "assays"

    id: UUID = Field(primary_key=True)
    sample: UUID = Field(foreign_key="samples.id", index=True)
    received_at: datetime


class Result(ResultBase, table=True):
    __tablename__ = "results"

    assay: UUID = Field(primary_key=True, foreign_key="assays.id")
    place: int = Field(primary_key=True)


class Receipt(SQLModel):
    id: UUID
    outcome: str
    revision: int
    lab_label: str
    received_at: datetime


class Message(SQLModel):
    key: int
    slot: str
    text: dict[str, str]
    review: dict[str, str]
    evidence: list[dict[str, str]]


class Messages(SQLModel):
    sample_id: UUID
    state: str
    languages: list[str]
    messages: list[Message]


engine = create_engine(
    f"sqlite:///{os.environ.get('PLAIN_DATABASE', '')}",
    connect_args={"check_same_thread": False, "timeout": 30},
)


@sa.event.listens_for(engine, "connect")
def _durable(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL").close()
    connection.execute("PRAGMA synchronous=FULL").close()


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    SQLModel.metadata.create_all(engine)
    yield


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


Opened = Annotated[Session, Depends(_session)]
app = FastAPI(lifespan=_lifespan)


@app.put("/v1/samples/{id}", status_code=201)
def put_sample(id: UUID, sent: SampleIn, session: Opened, response: Response) -> Receipt:
    sample = session.get(Sample, id)
    outcome = "identical"
    if sample is None:
        outcome = "new"
        groups = (sent.transaction, sent.beliefs, sent.use, sent.person)
        facts = sent.model_dump(exclude={"transaction", "beliefs", "use", "person"})
        for group in groups:
            facts.update(group.model_dump())
        sample = Sample(
            id=id, lab_label=secrets.token_hex(4), received_at=datetime.now(UTC), **facts
        )
        session.add(sample)
        session.commit()
        session.refresh(sample)
    response.status_code = 201 if outcome == "new" else 200
    return Receipt(
        id=id,
        outcome=outcome,
        revision=sample.revision,
        lab_label=sample.lab_label,
        received_at=sample.received_at,
    )


@app.put("/v1/assays/{id}", status_code=201)
def put_assay(id: UUID, sent: AssayIn, session: Opened) -> Receipt:
    sample = session.exec(select(Sample).where(Sample.lab_label == sent.lab_label)).first()
    if sample is None:
        raise HTTPException(404)
    now = datetime.now(UTC)
    session.add(
        Assay(id=id, sample=sample.id, received_at=now, **sent.model_dump(exclude={"results"}))
    )
    session.flush()
    for place, one in enumerate(sent.results):
        session.add(Result(assay=id, place=place, **one.model_dump()))
    sample.state = "answered"
    session.add(sample)
    session.commit()
    return Receipt(
        id=id, outcome="new", revision=sent.version, lab_label=sent.lab_label, received_at=now
    )


@app.get("/v1/samples/{id}/messages")
def get_messages(id: UUID, lang: Annotated[list[str], Query()], session: Opened) -> Messages:
    sample = session.get(Sample, id)
    if sample is None:
        raise HTTPException(404)
    assay = session.exec(
        select(Assay).where(Assay.sample == id).order_by(sa.desc("received_at"))
    ).first()
    if assay is None:
        raise HTTPException(404)
    results = session.exec(select(Result).where(Result.assay == assay.id).order_by("place")).all()
    percent = next(one.content_percent for one in results if one.content_percent is not None)
    weight = assay.rock_weight_mg or sample.weight_mg or 0.0
    values = {
        "weight": round(weight),
        "amount": round(weight * percent / 100),
        "parts": round(percent / 10),
        "found": ", ".join(one.substance for one in results if one.outcome == "detected"),
    }
    messages = [
        Message(
            key=key,
            slot=slot,
            text={language: sentence.format_map(values) for language in lang},
            review=dict.fromkeys(lang, "draft"),
            evidence=EVIDENCE,
        )
        for key, (slot, sentence) in enumerate(SENTENCES)
    ]
    return Messages(sample_id=id, state=sample.state, languages=lang, messages=messages)
