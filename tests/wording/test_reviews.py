"""Who signed which words: bound to them, spoken second before approved, and what an operator sees
of it.
"""

import shutil
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from service.app import create_app
from service.commands import app as commands
from service.commands import words
from service.foundation.problems import RefusesToStart
from service.foundation.settings import ROOT
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue, Names
from service.wording.inventory import CatalogueError, Signer
from service.wording.lint import Issue
from service.wording.message import MessageComposer
from service.wording.ready import check_words
from service.wording.reviews import (
    Review,
    Signature,
    Signatures,
    Signing,
    WhyNot,
    refusal,
    signatures,
)
from service.wording.rules import rules
from service.wording.translations import Translation
from tests.conftest import make_settings
from tests.wording.test_safety import PARIS

KEY = "basing-keeps-cuts"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the messages that the commands work on."""
    copied = tmp_path / "messages"
    shutil.copytree(ROOT / "messages", copied, ignore=shutil.ignore_patterns("reviews.toml"))
    monkeypatch.setattr(words, "MESSAGES", copied)
    return copied


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["words", *arguments])


def sign(language: str, *keys: str, signer: str = "speaker", by: str = "") -> Result:
    return run("sign", language, *keys, "--as", signer, "--by", by or f"the {signer}")


def test_a_text_goes_from_draft_to_reviewed_to_approved(folder: Path) -> None:
    assert Catalogue(folder).review(KEY, "ka") is Review.DRAFT
    assert sign("ka", KEY, by="Nino K.").exit_code == 0
    assert Catalogue(folder).review(KEY, "ka") is Review.REVIEWED
    assert sign("ka", KEY, signer="clinician", by="Dr Diallo").exit_code == 0
    assert Catalogue(folder).review(KEY, "ka") is Review.APPROVED
    assert Catalogue(folder).review("card-title", "ka") is Review.DRAFT
    first, second = signatures(folder, "ka")[KEY]
    assert (first.by, first.signer, second.by, second.signer) == (
        "Nino K.",
        "speaker",
        "Dr Diallo",
        "clinician",
    )
    assert first.text == Catalogue(folder).say(KEY, "ka")
    assert first.english == "Turning powder into crack does not take out what was mixed in."


def test_nobody_approves_before_a_second_speaker(folder: Path) -> None:
    refused = sign("ka", KEY, signer="clinician")
    assert refused.exit_code == 1
    assert "second speaker" in refused.output
    assert signatures(folder, "ka") == {}


def test_everyone_whom_the_inventory_names_must_sign(folder: Path) -> None:
    for signer in ("speaker", "clinician"):
        sign("fr", "card-no-name", signer=signer)
    assert Catalogue(folder).review("card-no-name", "fr") is Review.REVIEWED
    sign("fr", "card-no-name", signer="counsel")
    assert Catalogue(folder).review("card-no-name", "fr") is Review.APPROVED


@pytest.mark.parametrize("file", ["fr/LC_MESSAGES/message.po", "wording.toml"])
def test_an_edit_of_either_text_leaves_the_signature_behind(folder: Path, file: str) -> None:
    for signer in ("speaker", "clinician"):
        sign("fr", KEY, signer=signer)
        sign("en", KEY, signer=signer)
    assert Catalogue(folder).review(KEY, "fr") is Review.APPROVED
    assert Catalogue(folder).review(KEY, "en") is Review.APPROVED
    path = folder / file
    old, new = (
        (
            "Turning powder into crack does not take out what was mixed in.",
            "Turning powder into crack does not take out what was mixed in it.",
        )
        if file == "wording.toml"
        else (
            "Transformer la poudre en crack n’enlève pas ce qui est mélangé dedans.",
            "Passer de la poudre au crack n’enlève pas ce qui est mélangé dedans.",
        )
    )
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    edited = Catalogue(folder)
    assert edited.review(KEY, "fr") is (Review.MISSING if file == "wording.toml" else Review.DRAFT)
    assert edited.review(KEY, "en") is (Review.DRAFT if file == "wording.toml" else Review.APPROVED)


def test_a_sentence_is_approved_no_further_than_the_names_in_it(folder: Path) -> None:
    for signer in ("speaker", "clinician"):
        sign("ru", "alert-opioid", signer=signer)
    both = {"name": Names(("heroin", "fentanyl"))}
    assert Catalogue(folder).review("alert-opioid", "ru") is Review.APPROVED
    assert Catalogue(folder).review("alert-opioid", "ru", both) is Review.DRAFT
    for signer in ("speaker", "clinician"):
        sign("ru", "heroin", signer=signer)
    assert Catalogue(folder).review("alert-opioid", "ru", both) is Review.DRAFT
    sign("ru", "fentanyl")
    assert Catalogue(folder).review("alert-opioid", "ru", both) is Review.REVIEWED
    raw = {"name": Names(("Substance X-17",))}
    assert Catalogue(folder).review("alert-opioid", "ru", raw) is Review.APPROVED


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ka", "no-such-key"), "no-such-key"),
        (("ka",), "name the keys"),
        (("xx", KEY), "xx"),
    ],
)
def test_a_signature_for_nothing_is_refused(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    refused = sign(*arguments)
    assert refused.exit_code != 0
    assert told in refused.output
    assert not (folder / "ka" / "reviews.toml").exists()


def test_it_takes_a_second_person(folder: Path) -> None:
    sign("ka", KEY, by="Nino K.")
    refused = sign("ka", KEY, signer="clinician", by="Nino K.")
    assert refused.exit_code == 1
    assert "second person" in refused.output
    assert run("sign", "ka", KEY, "--everything", "--as", "speaker", "--by", "X").exit_code == 2
    assert run("sign", "ka", KEY, "--as", "speaker", "--by", " ").exit_code == 2


def test_words_that_are_not_fit_are_not_signed_and_do_not_start(folder: Path) -> None:
    path = folder / "fr/LC_MESSAGES/message.po"
    path.write_text(
        path.read_text("utf-8").replace("Appelez le 15 ou", "Appelez le 18 ou"), "utf-8"
    )
    refused = sign("fr", "do-opioid")
    assert refused.exit_code == 1
    assert "numbers" in refused.output
    with pytest.raises(CatalogueError, match="numbers differ"):
        Catalogue(folder)


def test_the_lint_tells_what_was_signed_in_other_words(folder: Path) -> None:
    sign("fr", KEY)
    path = folder / "fr/LC_MESSAGES/message.po"
    path.write_text(
        path.read_text("utf-8").replace("n’enlève pas ce qui", "n’enlève rien de ce qui"), "utf-8"
    )
    assert f"fr: signed in other words than today's: {KEY}" in run("check", "fr").output


def test_a_record_that_cannot_be_read_stops_the_start(folder: Path) -> None:
    sign("ka", KEY)
    path = folder / "ka" / "reviews.toml"
    path.write_text(path.read_text("utf-8").replace('"speaker"', '"friend"'), "utf-8")
    with pytest.raises(CatalogueError, match=r"ka/reviews\.toml.*friend"):
        Catalogue(folder)


def everything_signed(language: str) -> None:
    for signer in Signer:
        assert (
            run("sign", language, "--everything", "--as", signer, "--by", f"the {signer}").exit_code
            == 0
        )


def test_approved_words_need_the_whole_french_signed(folder: Path) -> None:
    def composer() -> MessageComposer:
        return MessageComposer(Catalogue(folder), rules(PARIS), only_approved=True)

    with pytest.raises(RefusesToStart, match="alert-opioid"):
        check_words(composer())
    everything_signed("fr")
    check_words(composer())
    assert set(composer().catalogue.reviews("fr")) == {Review.APPROVED}
    assert composer().catalogue.unapproved("fr") == ()
    assert len(composer().catalogue.unapproved("ru")) == len(composer().catalogue.wordings) + len(
        SUBSTANCES
    )


def test_only_approved_words_means_none_while_all_are_drafts(tmp_path: Path) -> None:
    settings = make_settings(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, words_policy="approved")
    with pytest.raises(RefusesToStart, match="no approved French text for alert-opioid"):
        create_app(settings)


def test_the_marks_follow_the_least_reviewed_text(folder: Path) -> None:
    from tests.specs.reading import specs

    finding = specs()[0].finding

    def marks() -> dict[str, str | None]:
        composer = MessageComposer(Catalogue(folder), rules(PARIS), only_approved=False)
        messages = composer.messages(finding, ("fr", "ka"))
        return {language: composer.mark(messages, language) for language in ("fr", "ka")}

    words = Catalogue(folder)
    assert marks() == {one: words.say("draft-mark", one) for one in ("fr", "ka")}
    run("sign", "fr", "--everything", "--as", "speaker", "--by", "the speaker")
    assert marks() == {"fr": words.say("reviewed-mark", "fr"), "ka": words.say("draft-mark", "ka")}
    everything_signed("fr")
    assert marks()["fr"] is None


def test_under_approved_a_draft_is_said_in_french_on_card_and_page(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through HTTP: French signed whole, Russian not at all."""
    from service import app as composed
    from tests.conftest import Knocker, Rock, enrol_everyone, token_of
    from tests.rocks import result

    everything_signed("fr")
    monkeypatch.setattr(composed, "MESSAGES", folder)
    settings = make_settings(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, words_policy="approved")
    app = composed.create_app(settings)
    with TestClient(app, base_url="https://caillou.example") as client:
        enrol_everyone(settings.database)
        worker, lab = Knocker(client, "outreach"), Knocker(client, "lab")
        assert token_of("outreach")
        code = worker.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
        rock = Rock(worker, lab, code)
        rock.assayed(result("heroin"))
        body = worker.get(f"{rock.path}/messages?lang=ru").json()
        assert {"fr"} == set(body["messages"][0]["text"])
        assert body["messages"][0]["review"] == {"ru": "draft", "fr": "approved"}
        assert body["messages"][0]["pictogram"] == "skull"
        assert body["marks"] == {}
        assert body["interpreter"] == {"ru": "Demandez un interprète à l’équipe."}
        page = worker.get(f"{rock.path}/card?lang=ru", headers={"Accept": "text/html"}).text
        paper = worker.get(f"{rock.path}/card?lang=ru", headers={"Accept": "application/pdf"})
        online = client.get(f"/r/{rock.code}?lang=ru").text
        assert paper.status_code == 200
        assert paper.content.startswith(b"%PDF")
        for shown in (page, online):
            assert "Demandez un interprète" in shown
            assert 'class="pictogram"' in shown
            assert "Предупреждение" not in shown
            assert "Attention" in shown
        languages = {
            one["code"]: one["review"] for one in client.get("/v1/languages").json()["languages"]
        }
        assert set(languages["fr"]) == {"approved"}
        assert set(languages["ru"]) == {"draft"}


def test_why_nothing_is_signed_has_a_name() -> None:
    texts = {KEY: Translation("It stays.", "Ça reste."), "new": Translation("New.", "Neuf.")}
    on = date(2026, 11, 20)
    read = {KEY: [Signature(KEY, Signer.SPEAKER, "Nino K.", on, "It stays.", "Ça reste.")]}
    outdated = {KEY: [Signature(KEY, Signer.SPEAKER, "Nino K.", on, "It stays.", "Reste.")]}
    unfit = [Issue("fr/LC_MESSAGES/message.po", "new", "fr", "numbers")]

    def why(signing: Signing, signatures: Signatures = read, *issues: Issue) -> WhyNot | None:
        refused = refusal(signing, texts, signatures, issues)
        return refused.why if refused else None

    clinician = Signing((KEY,), Signer.CLINICIAN, "Dr Diallo")
    assert why(clinician) is None
    assert why(clinician, read, *unfit) is None
    assert why(clinician, outdated) is WhyNot.SPEAKER_FIRST
    assert why(Signing((KEY,), Signer.CLINICIAN, "Nino K.")) is WhyNot.SECOND_PERSON
    assert why(Signing((KEY,), Signer.SPEAKER, "Nino K.")) is None
    assert why(Signing((KEY, "new"), Signer.CLINICIAN, "Dr Diallo")) is WhyNot.SPEAKER_FIRST
    assert why(Signing(("new",), Signer.SPEAKER, "X"), read, *unfit) is WhyNot.UNFIT
    assert why(Signing(("gone",), Signer.SPEAKER, "X")) is WhyNot.NOT_SAID
    assert why(Signing(("gone",), Signer.CLINICIAN, "X"), {}) is WhyNot.NOT_SAID
