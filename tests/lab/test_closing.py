"""Somebody says why no answer will come: the list, the state and the person's words follow."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient

from service.access import passwords, store
from service.access.permissions import Role
from service.foundation.database import connect
from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.lab.test_first_tests import on_the_list, pointers, put, strip
from tests.rocks import cocaine

Rocks = Callable[..., Rock]
Knock = Callable[[str], Knocker]
PASSWORD = "a long enough password"
REASONS = ["too_little", "lost", "broken", "no_confirmation"]


def close(holder: Knocker, label: str, because: str | None) -> Any:
    return holder.post(f"/v1/lab/samples/{label}/closing", {"because": because})


def state_of(rock: Rock) -> tuple[str, str | None]:
    finding = rock.finding()
    return finding["state"], finding["closed"]


def actions(settings: Settings) -> list[str]:
    return [row["action"] for row in sorted(rows(settings, "audit_log"), key=lambda row: row["id"])]


@pytest.mark.parametrize("because", REASONS)
@pytest.mark.parametrize("holder", ["lab", "outreach"])
def test_a_sample_is_closed_and_its_person_told(
    take_in: Rocks, knock: Knock, anyone: TestClient, because: str, holder: str
) -> None:
    rock, other = take_in(), take_in()
    assert put(knock("outreach"), strip(rock.label)).status_code == 201

    closed = close(knock(holder), rock.label.lower(), because)
    assert closed.status_code == 200, closed.text
    assert closed.json() == {"lab_label": rock.label, "state": "closed", "closed": because}

    assert state_of(rock) == ("closed", because)
    assert on_the_list(knock("lab")) == [other.label]
    assert knock("lab").get(f"/v1/lab/samples/{rock.label}").json()["closed"] == because

    held = anyone.get(f"/v1/results/{rock.code}?lang=en").json()["messages"]
    said = [message["key"] for message in held]
    assert f"state-closed-{because.replace('_', '-')}" in said
    waiting = {"state-waiting", "state-first-test", "state-in-analysis", "estimate-by-weight"}
    assert not waiting & set(said)
    assert "first-test-did-not-react" in said
    assert any(message["slot"] == "alert" for message in held)


def test_another_sites_sample_is_refused_like_a_label_that_nobody_has(
    take_in: Rocks, knock: Knock, settings: Settings
) -> None:
    rock = take_in()
    rock.assayed(cocaine(57))
    unknown = close(knock("neighbour"), "Q7K3-M9XK", "lost")
    for because in (*REASONS, None):
        refused = close(knock("neighbour"), rock.label, because)
        assert (refused.status_code, refused.json()) == (404, unknown.json())
    assert "closed" not in actions(settings)


@pytest.mark.parametrize("holder", ["instrument", "coordinator", "operator"])
def test_nobody_else_closes(take_in: Rocks, knock: Knock, holder: str) -> None:
    rock = take_in()
    assert close(knock(holder), rock.label, "lost").status_code == 403
    assert state_of(rock) == ("waiting", None)


@pytest.mark.parametrize("body", [{}, {"because": "burnt"}, {"because": ""}, {"because": True}])
def test_a_reason_that_is_none_is_refused(take_in: Rocks, lab: Knocker, body: object) -> None:
    rock = take_in()
    assert pointers(lab.post(f"/v1/lab/samples/{rock.label}/closing", body)) == ["/because"]
    assert state_of(rock) == ("waiting", None)


@pytest.mark.parametrize("because", REASONS)
def test_an_answered_sample_is_not_closed(take_in: Rocks, lab: Knocker, because: str) -> None:
    rock = take_in()
    rock.assayed(cocaine(57))
    assert pointers(close(lab, rock.label, because)) == ["/because"]
    assert state_of(rock) == ("answered", None)

    left_open = close(lab, rock.label, None)
    assert left_open.json() == {"lab_label": rock.label, "state": "answered", "closed": None}


def test_a_confirmation_is_missed_only_where_a_test_stands(
    take_in: Rocks, worker: Knocker, lab: Knocker
) -> None:
    rock = take_in()
    assert pointers(close(worker, rock.label, "no_confirmation")) == ["/because"]

    id = str(uuid.uuid4())
    put(worker, strip(rock.label), id=id)
    lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "out of date"})
    assert pointers(close(worker, rock.label, "no_confirmation")) == ["/because"]
    assert state_of(rock) == ("waiting", None)


def test_closing_twice_and_opening_twice_are_told_once(
    take_in: Rocks, lab: Knocker, settings: Settings
) -> None:
    rock = take_in()
    answers = [close(lab, rock.label, because) for because in ("lost", "lost", "broken")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json()
    assert state_of(rock) == ("closed", "broken")
    assert actions(settings) == ["took_in", "closed", "closed"]

    opened = [close(lab, rock.label, None) for _ in range(2)]
    assert [answer.json()["state"] for answer in opened] == ["waiting", "waiting"]
    assert state_of(rock) == ("waiting", None)
    assert on_the_list(lab) == [rock.label]
    assert actions(settings) == ["took_in", "closed", "closed", "reopened"]

    (entry,) = rows(settings, "audit_log", "action = 'reopened'")
    assert (entry["actor"], entry["role"]) == ("lab", "lab")


def test_a_sample_with_a_first_test_is_open_again_as_it_was(
    take_in: Rocks, worker: Knocker
) -> None:
    rock = take_in()
    put(worker, strip(rock.label))
    close(worker, rock.label, "no_confirmation")
    assert close(worker, rock.label, None).json()["state"] == "first_result"
    assert "state-first-test" in rock.said()


def test_an_answer_that_comes_all_the_same_wins(
    take_in: Rocks, worker: Knocker, lab: Knocker
) -> None:
    rock = take_in()
    close(lab, rock.label, "lost")
    put(worker, strip(rock.label))
    assert state_of(rock) == ("closed", "lost")
    early = rock.assayed(cocaine(57), status="preliminary")
    assert state_of(rock) == ("in_analysis", None)  # a laboratory has begun all the same

    rock.assayed(cocaine(57), id=early, version=2)
    assert state_of(rock) == ("answered", None)
    assert "state-closed-lost" not in rock.said()

    lab.post(f"/v1/assays/{early}/withdrawal", {"reason": "wrong vial"})
    assert state_of(rock) == ("withdrawn", None)
    (waiting,) = lab.get("/v1/lab/queue").json()["samples"]
    assert (waiting["lab_label"], waiting["taken_back_because"]) == (rock.label, "wrong vial")


def test_an_answer_taken_back_can_be_closed(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(57))
    lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
    assert close(lab, rock.label, "too_little").json()["state"] == "closed"
    assert on_the_list(lab) == []
    assert {"state-corrected", "state-closed-too-little"} <= set(rock.said())

    assert close(lab, rock.label, None).json()["state"] == "withdrawn"
    assert on_the_list(lab) == [rock.label]


def test_a_later_revision_leaves_a_sample_closed(
    take_in: Rocks, worker: Knocker, lab: Knocker
) -> None:
    rock = take_in()
    close(lab, rock.label, "lost")
    changed = worker.put(rock.path, {**rock.body, "revision": 2, "colour": "yellow"})
    assert (changed.status_code, changed.json()["outcome"]) == (200, "updated")
    assert state_of(rock) == ("closed", "lost")
    assert on_the_list(lab) == []


def test_a_closed_sample_is_erased_whole(
    take_in: Rocks, worker: Knocker, lab: Knocker, anyone: TestClient, settings: Settings
) -> None:
    rock = take_in()
    put(worker, strip(rock.label))
    close(worker, rock.label, "lost")
    assert worker.delete(rock.path).status_code in (200, 204)

    assert [count(settings, table) for table in ("samples", "assays", "results")] == [0, 0, 0]
    assert count(settings, "announced") == 0
    assert anyone.get(f"/v1/results/{rock.code}").status_code == 404
    assert close(lab, rock.label, "lost").status_code == 404
    assert close(worker, rock.label, None).status_code == 404


def test_a_site_finds_its_closed_samples(take_in: Rocks, worker: Knocker, lab: Knocker) -> None:
    rock, _ = take_in(), take_in()
    close(lab, rock.label, "broken")
    listed = worker.get("/v1/samples?state=closed").json()
    assert [sample["id"] for sample in listed["samples"]] == [rock.id]


class TestTheList:
    """What was taken back stands first, then what came first; a page at a time."""

    @staticmethod
    def paged(lab: Knocker) -> list[list[dict[str, Any]]]:
        pages, cursor = [], ""
        while cursor is not None:
            page = lab.get(f"/v1/lab/queue{cursor and f'?cursor={quote(cursor)}'}").json()
            pages.append(page["samples"])
            cursor = page["next"]
        return pages

    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_pages_cross_the_border(
        self, take_in: Rocks, lab: Knocker, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        monkeypatch.setattr("service.lab.bench.routes.PAGE", size)
        rocks = [take_in() for _ in range(5)]
        for rock in (rocks[4], rocks[2]):
            id = rock.assayed(cocaine(57))
            lab.post(f"/v1/assays/{id}/withdrawal", {"reason": f"vial of {rock.label}"})

        pages = self.paged(lab)
        assert max(map(len, pages)) == size
        waiting = [sample for page in pages for sample in page]
        in_order = [rocks[place].label for place in (2, 4, 0, 1, 3)]
        assert [sample["lab_label"] for sample in waiting] == in_order
        reasons = [sample["taken_back_because"] for sample in waiting]
        taken_back = [f"vial of {label}" for label in in_order[:2]]
        assert reasons == [*taken_back, None, None, None]

    def test_a_closed_sample_is_gone_until_it_is_open_again(
        self, take_in: Rocks, lab: Knocker
    ) -> None:
        rocks = [take_in() for _ in range(3)]
        labels = [rock.label for rock in rocks]
        close(lab, labels[1], "lost")
        assert on_the_list(lab) == [labels[0], labels[2]]
        close(lab, labels[1], None)
        assert on_the_list(lab) == labels

    @pytest.mark.parametrize(
        "cursor",
        [
            *("nonsense", "_", "__", "1", "1__", "2_2026-11-20T22:10:04+00:00_Q7K3-M9XK"),
            "-1_2026-11-20T22:10:04+00:00_Q7K3-M9XK",
            "1_2026-11-20T22:10:04_Q7K3-M9XK",
            "1_2026-11-20_Q7K3-M9XK",
            "2026-11-20T22:10:04+00:00_Q7K3-M9XK",
            "1_2026-11-20T22:10:04+00:00_Q7K3\x00M9XK",
            "1_0001-01-01T00:00:00+14:00_Q7K3-M9XK",
            "1_9999-12-31T23:59:59-14:00_Q7K3-M9XK",
            "1" * 101,
        ],
    )
    def test_no_place_in_the_list_is_refused(self, lab: Knocker, cursor: str) -> None:
        refused = lab.get(f"/v1/lab/queue?cursor={quote(cursor)}")
        assert refused.status_code == 422, refused.text
        assert "/cursor" in pointers(refused)[0]

    def test_a_place_is_an_instant_in_any_zone(self, take_in: Rocks, lab: Knocker) -> None:
        rock = take_in()
        later, label = datetime.now(UTC).replace(year=2100), "Q7K3-M9XK"
        for turn, seen in ((0, [rock.label]), (1, [])):
            cursor = quote(f"{turn}_{later.isoformat()}_{label}")
            listed = lab.get(f"/v1/lab/queue?cursor={cursor}").json()
            assert [sample["lab_label"] for sample in listed["samples"]] == seen

        (sample,) = lab.get("/v1/lab/queue").json()["samples"]
        received_at = datetime.fromisoformat(sample["received_at"]).isoformat()
        cursor = quote(f"1_{received_at.replace('+00:00', '+02:00')}_{rock.label}")
        listed = lab.get(f"/v1/lab/queue?cursor={cursor}").json()
        assert [seen["lab_label"] for seen in listed["samples"]] == [rock.label]


class TestTheForm:
    """The bench says so by a plain form, which works by keyboard and without script."""

    @staticmethod
    def send(holder: Knocker, rock: Rock, because: str, **headers: str) -> Any:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        return holder(
            "POST",
            f"/bench/samples/{rock.label}/closing",
            content=urlencode({"because": because}),
            headers={**sent, **headers},
            follow_redirects=False,
        )

    @staticmethod
    def page(lab: Knocker, rock: Rock, language: str = "en") -> str:
        headers = {"Accept": "text/html", "Accept-Language": language}
        return str(lab.get(f"/bench/samples/{rock.label}", headers=headers).text)

    def test_closed_and_open_again(self, take_in: Rocks, lab: Knocker) -> None:
        rock = take_in()
        page = self.page(lab, rock)
        assert '<option value="too_little">too little</option>' in page
        assert 'value="no_confirmation"' not in page

        closed = self.send(lab, rock, "too_little")
        assert (closed.status_code, closed.headers["location"]) == (
            303,
            f"/bench/samples/{rock.label}",
        )
        assert state_of(rock) == ("closed", "too_little")

        page = self.page(lab, rock)
        assert '<span class="closed">closed</span>' in page
        assert "No answer will come: too little" in page
        assert '<select name="because"' not in page
        french = self.page(lab, rock, "fr")
        assert "Il n’y aura pas de résultat : trop peu de matière" in french
        assert "Finalement, il y en aura un" in french

        assert self.send(lab, rock, "").status_code == 303
        assert state_of(rock) == ("waiting", None)
        assert "No answer will come" in self.page(lab, rock)

    def test_a_missing_confirmation_is_offered_where_a_test_stands(
        self, take_in: Rocks, lab: Knocker
    ) -> None:
        rock = take_in()
        put(lab, strip(rock.label))
        assert '<option value="no_confirmation">' in self.page(lab, rock)
        assert self.send(lab, rock, "no_confirmation").status_code == 303
        assert state_of(rock) == ("closed", "no_confirmation")

    def test_an_answered_sample_has_no_form_and_is_refused(
        self, take_in: Rocks, lab: Knocker
    ) -> None:
        rock = take_in()
        rock.assayed(cocaine(57))
        assert 'name="because"' not in self.page(lab, rock)
        refused = self.send(lab, rock, "lost")
        assert refused.status_code == 422
        assert "This sample has an answer" in refused.text

    def test_what_is_no_reason_is_refused(self, take_in: Rocks, lab: Knocker) -> None:
        rock = take_in()
        refused = self.send(lab, rock, "burnt")
        assert refused.status_code == 422
        assert "too_little" in refused.text
        assert state_of(rock) == ("waiting", None)

    def test_only_who_may_close_does(self, take_in: Rocks, knock: Knock) -> None:
        rock = take_in()
        for holder in ("instrument", "coordinator", "operator"):
            assert self.send(knock(holder), rock, "lost").status_code == 403
        assert self.send(knock("neighbour"), rock, "lost").status_code == 404
        assert state_of(rock) == ("waiting", None)

    def test_another_origins_page_closes_nothing(
        self, take_in: Rocks, anyone: TestClient, settings: Settings
    ) -> None:
        rock = take_in()
        enrol_chemist(settings)
        ours = {"Origin": "https://caillou.example"}
        sign_in = {"name": "chemist", "password": PASSWORD}
        assert anyone.post("/sign-in", data=sign_in, headers=ours).status_code == 200

        path = f"/bench/samples/{rock.label}/closing"
        for foreign in ({}, {"Origin": "https://evil.example"}):
            refused = anyone.post(path, data={"because": "lost"}, headers=foreign)
            assert refused.status_code == 403
        assert state_of(rock) == ("waiting", None)

        closed = anyone.post(path, data={"because": "lost"}, headers=ours, follow_redirects=False)
        assert closed.status_code == 303
        assert state_of(rock) == ("closed", "lost")


def enrol_chemist(settings: Settings) -> None:
    """Somebody of the laboratory who signs in with a password."""
    engine = connect(settings.database)
    with engine.begin() as connection:
        store.add_person(
            connection,
            id="p1",
            name="chemist",
            password=passwords.hashed(PASSWORD),
            role=Role.LAB,
            site=None,
        )
    engine.dispose()
