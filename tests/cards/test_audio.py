"""The card read aloud: in each language that has a voice, by recordings tied to their words."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from service.cards import audio
from service.commands import app as commands
from service.commands import words
from service.foundation import speech
from service.foundation.settings import ROOT
from service.vocabulary.languages import LOCALES
from service.wording.catalogue import plain
from tests.cards.gallery import COMPOSER, LANGUAGES, STATES, card
from tests.conftest import Rock

Rocks = Callable[..., Rock]


def sound_of(ogg: bytes) -> tuple[np.ndarray[Any, Any], int]:
    samples, rate = soundfile.read(io.BytesIO(ogg))
    return samples, rate


def told(state: str, language: str, recordings: audio.Recordings | None = None) -> audio.Script:
    return audio.script(card(state, language), COMPOSER, recordings or {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_voice_says_the_alert_first(language: str) -> None:
    script = told("opioid", language)
    assert script.language == (language if LOCALES[language].voice else "fr")
    alert = next(row for row in card("opioid", script.language).rows if row.slot == "alert")
    assert script.lines[1] == alert.texts[0]
    assert script.by_machine == COMPOSER.frame("voice-machine", script.language)


@pytest.mark.parametrize("language", [code for code, locale in LOCALES.items() if locale.voice])
def test_it_can_be_heard(language: str) -> None:
    samples, rate = sound_of(
        speech.written(
            [audio._spoken(told("waiting", language).lines[0], LOCALES[language])], "ogg"
        )
    )
    assert rate == speech.RATE
    assert 0.8 < len(samples) / rate < 12
    assert np.abs(samples).max() > 0.1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_ear_gets_no_bare_unit_no_figures_of_a_day_and_no_mark(
    state: str, language: str
) -> None:
    script = told(state, language)
    for line in script.lines:
        said = audio.for_the_ear(line, LOCALES[script.language])
        assert "\u00a0mg" not in said
        assert not audio._DAY.search(said)
        assert said == plain(said)


def test_letters_are_said_one_by_one() -> None:
    assert audio.for_the_ear("MDMA, 57\u00a0mg, 21/11/2026", LOCALES["fr"]) == (
        "M D M A, 57\u00a0milligrammes, 21 novembre 2026"
    )


def test_a_recording_is_heard_as_long_as_its_words_stand(tmp_path: Path) -> None:
    lines = told("waiting", "fr").lines
    folder = tmp_path / "fr" / "audio"
    folder.mkdir(parents=True)
    tone = np.sin(np.arange(48_000 * 2) * 2 * np.pi * 440 / 48_000) * 0.5
    soundfile.write(folder / "state-waiting.ogg", np.stack([tone, tone], axis=1), 48_000)
    (folder / "recorded.toml").write_text(f'state-waiting = "{audio.digest(lines[2])}"\n')
    found = audio.recordings(tmp_path)
    assert found == {("fr", audio.digest(lines[2])): folder / "state-waiting.ogg"}

    recorded = speech.recorded(folder / "state-waiting.ogg")
    assert len(recorded) == pytest.approx(2 * 2 * speech.RATE, rel=0.01)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(recorded, "<i2")))
    assert spectrum.argmax() * speech.RATE / (len(recorded) / 2) == pytest.approx(440, abs=2)

    told_now = told("waiting", "fr", found)
    assert [path and path.name for path in told_now.recorded][:4] == [
        None,
        None,
        "state-waiting.ogg",
        None,
    ]
    only = audio.Script("fr", (lines[2],), (folder / "state-waiting.ogg",), "A machine reads this.")
    samples, rate = sound_of(audio.read_aloud(only, "mp3"))
    assert len(samples) / rate == pytest.approx(
        2.5, abs=0.2
    )  # the tone and its pause: no machine speaks
    changed = audio.Script("fr", (lines[2] + " Et plus.",), (None,), "Une machine lit.")
    samples, rate = sound_of(audio.read_aloud(changed, "mp3"))
    assert len(samples) / rate > 4


def test_there_is_no_voice_of_that_name() -> None:
    with pytest.raises(speech.NoVoice):
        speech.spoken("xeer", "wo-no-such")


def test_the_card_is_read_to_the_worker_and_the_page_to_the_person(
    take_in: Rocks, anyone: TestClient
) -> None:
    rock = take_in()
    rock.assayed()
    read = rock.worker.get(f"{rock.path}/card?lang=ru", headers={"Accept": "audio/ogg"})
    assert (read.status_code, read.headers["content-type"]) == (200, "audio/ogg")
    assert read.headers["content-language"] == "ru"
    assert read.content.startswith(b"OggS")
    same = rock.worker.get(f"{rock.path}/card?lang=ru", headers={"Accept": "audio/mpeg"})
    assert (same.headers["content-type"], same.headers["content-language"]) == ("audio/mpeg", "ru")
    for language, heard in (("ar", "ar"), ("wo", "fr"), ("xx", "fr")):
        page = anyone.get(f"/r/{rock.code}/voice?lang={language}")
        assert (page.status_code, page.headers["content-type"]) == (200, "audio/mpeg")
        assert page.headers["content-language"] == heard
        samples, rate = sound_of(page.content)
        assert len(samples) / rate > 20
    start = anyone.get(f"/r/{rock.code}/voice?lang=ar", headers={"Range": "bytes=0-1"})
    assert (start.status_code, len(start.content)) == (206, 2)
    assert anyone.get("/r/AAAA-BBBB-CCCCC/voice").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_who_reads_it(take_in: Rocks, anyone: TestClient, language: str) -> None:
    rock = take_in()
    rock.assayed()
    page = anyone.get(f"/r/{rock.code}?lang={language}").text
    mark = COMPOSER.frame("voice-machine" if LOCALES[language].voice else "voice-none", language)
    assert mark in page
    assert f"/voice?lang={language}" in page
    assert page.count('class="pictogram"') >= 5  # for who reads nothing
    assert page.count('class="scale"') == 1
    assert len(page.encode()) + 20_000 < 60_000  # with its style sheet


def test_what_a_person_records_is_kept_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = tmp_path / "messages"
    shutil.copytree(ROOT / "messages", messages)
    monkeypatch.setattr(words, "MESSAGES", messages)
    tone = tmp_path / "read.wav"
    soundfile.write(tone, np.sin(np.arange(44_100) / 20) * 0.5, 44_100)
    run = CliRunner().invoke
    for key in ("state-waiting", "emergency-signs"):
        assert run(commands, ["words", "record", "fr", key, str(tone)]).exit_code == 0
    for refused in ("result-amount", "no-such-message"):
        assert run(commands, ["words", "record", "fr", refused, str(tone)]).exit_code == 1
    found = audio.recordings(messages)
    waiting = next(row.texts[0] for row in card("waiting", "fr").rows if row.key == "state-waiting")
    assert found["fr", audio.digest(waiting or "")].name == "state-waiting.ogg"
    assert len(found) == 2
