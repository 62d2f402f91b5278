"""The laboratory at its bench, in a real browser: by keyboard, with files, with mistakes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, ViewportSize, expect

from service.access.permissions import Role
from service.lab.formats import LAYOUTS
from tests.conftest import Rock
from tests.journeys.browser import PHONE, TABLET, Served, serve
from tests.journeys.tablets import REACHED
from tests.journeys.test_pages_in_a_browser import barriers
from tests.rocks import cocaine, result

pytestmark = pytest.mark.browser

DESK: ViewportSize = {"width": 1280, "height": 800}
Visit = Callable[..., Page]


@dataclass
class Bench:
    served: Served
    visit: Visit

    def page(self, path: str = "/bench/", **more: Any) -> Page:
        page = self.visit(self.served.address, **{"viewport": DESK, **more})
        page.context.add_cookies(self.served.session(Role.LAB))
        page.goto(path)
        return page

    def seen(self, rock: Rock) -> dict[str, Any]:
        seen: dict[str, Any] = self.served.knock("lab").get(f"/v1/lab/samples/{rock.label}").json()
        return seen


@pytest.fixture(scope="module")
def laboratory(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(migrated_sqlite, tmp_path_factory.mktemp("bench"), demo=False) as served:
        yield served


@pytest.fixture
def bench(laboratory: Served, visit: Visit) -> Bench:
    return Bench(laboratory, visit)


def press(page: Page, *keys: str) -> None:
    """What a technician types: words as they are, keys by their names."""
    for key in keys:
        if key in ("Enter", "Tab", "Control+Enter"):
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)


def tab_to(page: Page, field: Locator) -> None:
    """From field to field until this one; a time has as many as its parts."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            return
    pytest.fail("it cannot be reached by the keyboard")


def test_two_rocks_are_reported_by_keyboard_alone(bench: Bench) -> None:
    one, two = bench.served.take_in(), bench.served.take_in()
    page = bench.page()
    expect(page.get_by_label("Label, typed or scanned")).to_be_focused()
    press(page, one.label.lower().replace("-", ""), "Enter")
    expect(page).to_have_url(re.compile(f"/bench/samples/{one.label}"))
    expect(page.get_by_label("Method")).to_be_focused()
    press(page, "GC-MS")
    tab_to(page, page.get_by_label("Whole rock, mg"))
    press(page, "138,4", "Tab", "Tab")
    expect(page.get_by_label("Result, % 1", exact=True)).to_be_focused()
    press(page, "57", "Enter", "<LOQ", "Enter", "", "Enter", "", "Enter", "", "Enter")
    press(page, "", "Enter", "", "Enter", "nd", "Control+Enter")
    read_back = page.get_by_role("status")
    expect(read_back.get_by_role("row", name="amphetamine")).to_contain_text("not detected")
    expect(read_back).to_contain_text("Left empty, so not tested: phenacetin")
    assert bench.seen(one)["analyses"] == []
    expect(page.get_by_role("button", name="Right: keep it")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("status")).to_have_text(f"Kept: {one.label}")
    (analysis,) = bench.seen(one)["analyses"]
    assert (analysis["method"], analysis["rock_weight_mg"], analysis["version"]) == (
        "gc_ms",
        138.4,
        1,
    )
    assert [(r["substance"], r["outcome"], r["content_percent"]) for r in analysis["results"]] == [
        ("cocaine", "quantified", 57),
        ("levamisole", "detected", None),
        ("amphetamine", "not_detected", None),
    ]
    assert "result-amount" in one.said()

    # The next rock begins where the hand already is, with the same method.
    expect(page.get_by_label("Label, typed or scanned")).to_be_focused()
    press(page, two.label, "Enter")
    expect(page.get_by_label("Method")).to_have_value("gc_ms")
    page.get_by_label("Result, % 1", exact=True).fill("41")
    press(page, "Control+Enter")
    expect(page.get_by_role("button", name="Right: keep it")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("status")).to_have_text(f"Kept: {two.label}")
    assert two.finding()["content"]["percent"] == 41


def test_a_slip_is_shown_where_it_is_and_loses_nothing(bench: Bench) -> None:
    rock = bench.served.take_in()
    page = bench.page(f"/bench/samples/{rock.label}?method=lc_ms")
    page.get_by_label("Result, % 1", exact=True).fill("57")
    last = page.get_by_label("Result, % 15", exact=True)
    page.get_by_label("Substance 15").fill("Substance X-17")
    last.fill("blue")
    last.press("Enter")
    expect(page.get_by_label("Substance 16")).to_have_value("")  # a new row, where the column ended
    page.get_by_label("Result, % 16", exact=True).press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing was kept")
    expect(last).to_be_focused()
    expect(last).to_have_value("blue")
    expect(last).to_have_accessible_description(re.compile("This is no result"))
    expect(page.get_by_label("Result, % 1", exact=True)).to_have_value("57")
    last.fill("traces")
    last.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("nobody knows this name")
    # What is changed after it was read back is read back again, never kept unseen.
    page.get_by_label("Result, % 1", exact=True).fill("5.7")
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_contain_text("5.7\u00a0%")
    assert bench.seen(rock)["analyses"] == []
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    assert rock.finding()["content"]["percent"] == 5.7
    assert rock.finding()["unexpected"] == ["Substance X-17"]


def test_the_form_works_without_scripts(bench: Bench) -> None:
    rock = bench.served.take_in()
    page = bench.page(f"/bench/samples/{rock.label}", java_script_enabled=False)
    page.get_by_label("Method").select_option("gc_ms")
    page.get_by_label("Result, % 1", exact=True).fill("57")
    page.get_by_label("Result, % 1", exact=True).press("Enter")
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    assert rock.finding()["content"]["percent"] == 57


def test_a_correction_travels_from_the_bench_to_the_persons_page_and_the_workers_list(
    bench: Bench,
) -> None:
    rock = bench.served.take_in()
    rock.assayed(cocaine(57), result("fentanyl"))
    page = bench.page(f"/bench/samples/{rock.label}")
    page.get_by_role("link", name="Correct").click()
    expect(page.get_by_label("Result, % 1", exact=True)).to_have_value("57")
    expect(page.get_by_label("Result, % 2", exact=True)).to_have_value("detected")
    page.get_by_label("Result, % 1", exact=True).fill("71")
    page.get_by_label("Result, % 2", exact=True).fill("nd")
    page.get_by_label("Why it is corrected").fill("mix-up of two vials")
    page.get_by_role("button", name="Read it back to me").click()
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    versions = bench.seen(rock)["analyses"]
    assert [(v["version"], v["status"], v["reason"], v["in_force"]) for v in versions] == [
        (1, "final", None, False),
        (2, "corrected", "mix-up of two vials", True),
    ]
    assert versions[1]["results"][0]["expressed_as"] == "base"

    held = bench.visit(f"{bench.served.address}/r/{rock.code}?lang=en")
    expect(held.locator("section.state").first).to_contain_text("replace")
    expect(held.locator("main")).not_to_contain_text("fentanyl")

    worker = bench.visit(bench.served.address, viewport=TABLET)
    worker.context.add_cookies(bench.served.session(Role.OUTREACH))
    worker.goto("/tablet/")
    row = worker.locator(".again li", has_text=rock.code)
    expect(row).to_contain_text("a warning came or went")
    row.get_by_role("button", name="Show").click()
    expect(worker.locator(".slip .code")).to_have_text(rock.code)
    worker.get_by_role("button", name="Back", exact=True).click()
    # Corrected once more behind the page's back: what the worker has not seen is still to be told.
    rock.assayed(cocaine(20), id=versions[1]["id"], version=3, status="corrected", reason="again")
    row.get_by_role("button", name="They know now").click()
    expect(row).to_have_count(0)
    worker.get_by_role("button", name="Rocks", exact=True).click()
    worker.get_by_role("button", name="Send now").click()
    expect(row).to_be_visible()
    with worker.expect_response(REACHED):
        row.get_by_role("button", name="They know now").click()
        expect(row).to_have_count(0)
        worker.get_by_role("button", name="Send now").click()
    assert rock.code not in bench.served.knock("outreach").get("/v1/reach-again").text


def test_an_analysis_is_taken_back_with_a_reason(bench: Bench) -> None:
    rock = bench.served.take_in()
    rock.assayed()
    page = bench.page(f"/bench/samples/{rock.label}")
    page.get_by_text("Take it back").first.click()
    page.get_by_label("Why it is taken back").fill("   ")
    page.get_by_role("button", name="Take back: the person is told").click()
    expect(page.get_by_text("A correction or a withdrawal needs a reason.")).to_be_visible()
    page.get_by_label("Why it is taken back").fill("wrong vial")
    page.get_by_role("button", name="Take back: the person is told").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("withdrawn")
    expect(page.get_by_text("wrong vial")).to_be_visible()
    expect(page.get_by_role("link", name="Correct")).to_have_count(0)
    assert rock.finding()["state"] == "withdrawn"


def test_the_same_method_twice_is_a_correction_not_a_second_report(bench: Bench) -> None:
    rock = bench.served.take_in()
    page = bench.page()
    for content in ("57", "61"):
        page.goto(f"/bench/samples/{rock.label}?method=gc_ms")
        page.get_by_label("Result, % 1", exact=True).fill(content)
        page.get_by_label("Result, % 1", exact=True).press("Control+Enter")
        if content == "57":
            page.get_by_role("button", name="Right: keep it").click()
            expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    expect(page.get_by_role("alert")).to_contain_text("correct that analysis")
    expect(page.get_by_label("Result, % 1", exact=True)).to_have_value("61")
    assert [one["version"] for one in bench.seen(rock)["analyses"]] == [1]


def test_two_technicians_do_not_undo_each_other_unseen(bench: Bench) -> None:
    rock = bench.served.take_in()
    id = rock.assayed(cocaine(57))
    page = bench.page(f"/bench/samples/{rock.label}?correct={id}")
    taking_back = bench.page(f"/bench/samples/{rock.label}")
    rock.assayed(
        cocaine(50), result("fentanyl"), id=id, version=2, status="corrected", reason="a colleague"
    )

    taking_back.get_by_text("Take it back").first.click()
    taking_back.get_by_label("Why it is taken back").fill("wrong vial")
    taking_back.get_by_role("button", name="Take back: the person is told").click()
    expect(
        taking_back.get_by_text("Somebody has corrected this analysis meanwhile")
    ).to_be_visible()
    expect(taking_back.get_by_label("Why it is taken back")).to_have_value("wrong vial")
    expect(taking_back.get_by_role("row", name="fentanyl").first).to_be_visible()

    page.get_by_label("Result, % 1", exact=True).fill("71")
    page.get_by_label("Why it is corrected").fill("dilution")
    page.get_by_role("button", name="Read it back to me").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Somebody has corrected this analysis meanwhile"
    )
    expect(page.get_by_label("Result, % 1", exact=True)).to_have_value("71")
    page.get_by_role("button", name="Read it back to me").click()
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    assert [one["version"] for one in bench.seen(rock)["analyses"]] == [1, 2, 3]


def test_after_a_withdrawal_the_method_can_be_reported_again(bench: Bench) -> None:
    rock = bench.served.take_in()
    page = bench.page()
    for content in ("57", "61"):
        page.goto(f"/bench/samples/{rock.label}?method=gc_ms")
        page.get_by_label("Result, % 1", exact=True).fill(content)
        page.get_by_role("button", name="Read it back to me").click()
        page.get_by_role("button", name="Right: keep it").click()
        expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
        if content == "57":
            page.goto(f"/bench/samples/{rock.label}")
            page.get_by_text("Take it back").first.click()
            page.get_by_label("Why it is taken back").fill("wrong vial")
            page.get_by_role("button", name="Take back: the person is told").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("withdrawn")
    assert rock.finding()["content"]["percent"] == 61
    assert len({one["id"] for one in bench.seen(rock)["analyses"]}) == 2


def test_a_long_analysis_is_corrected_without_losing_its_last_row(bench: Bench) -> None:
    rock = bench.served.take_in()
    id = rock.assayed(
        cocaine(57),
        *(result(f"name {number}", "not_detected") for number in range(180)),
        result("fentanyl"),
    )
    page = bench.page(f"/bench/samples/{rock.label}?correct={id}")
    page.get_by_label("Why it is corrected").fill("dilution")
    page.get_by_role("button", name="Read it back to me").click()
    page.get_by_role("button", name="Right: keep it").click()
    expect(page.get_by_role("status")).to_have_text(f"Kept: {rock.label}")
    before, after = bench.seen(rock)["analyses"]
    assert after["results"] == before["results"]
    assert after["analysed_at"] == before["analysed_at"]


def test_an_explained_name_is_read_back_as_what_it_is_kept_as(bench: Bench) -> None:
    bench.served.knock("lab").post("/v1/lab/names", {"name": "Kokainix", "substance": "cocaine"})
    rock = bench.served.take_in()
    page = bench.page(f"/bench/samples/{rock.label}?method=gc_ms")
    page.get_by_label("Substance 12", exact=True).fill("Kokainix")
    page.get_by_label("Result, % 12", exact=True).fill("57")
    page.get_by_role("button", name="Read it back to me").click()
    expect(
        page.get_by_role("status").get_by_role("row", name="cocaine (Kokainix)")
    ).to_contain_text("57")
    expect(page.get_by_role("status")).not_to_contain_text("nobody knows this name")


def test_the_language_is_changed_without_leaving_the_analysis(bench: Bench) -> None:
    rock = bench.served.take_in()
    id = rock.assayed()
    page = bench.page(f"/bench/samples/{rock.label}?correct={id}")
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_label("Pourquoi elle est corrigée")).to_be_visible()
    page.get_by_role("button", name="Relire avant d’enregistrer").click()
    page.get_by_label("Pourquoi elle est corrigée").fill("dilution")
    page.once(
        "dialog", lambda dialog: dialog.accept()
    )  # what was typed would be lost, and the page asks
    page.get_by_role("link", name="English").click()
    expect(page.get_by_label("Why it is corrected")).to_have_value("")


def test_a_file_is_judged_before_it_is_kept(bench: Bench) -> None:
    whole, broken = bench.served.take_in(), bench.served.take_in()
    example = LAYOUTS["caillou-long"].example.read_text().replace("Q7K3-M9XK", whole.label)
    content = f"{example}{broken.label},1,final,gc_ms,2026-11-22,138,cocaine,,57?,base,,,,\n"
    page = bench.page("/bench/files")
    file = FilePayload(name="results.csv", mimeType="text/csv", buffer=content.encode())
    page.get_by_label("File: CSV or XLSX").set_input_files(file)
    page.get_by_role("button", name="Judge it").click()
    report = page.locator("#report")
    expect(report.get_by_role("heading")).to_have_text("What this file would do")
    expect(report.get_by_role("row", name=broken.label)).to_contain_text("57?")
    expect(report.get_by_role("row", name=broken.label)).to_contain_text("I7")
    assert bench.seen(whole)["analyses"] == []
    page.get_by_role("button", name="Right: keep the samples that would enter").click()
    expect(report.get_by_role("heading")).to_have_text("What this file did")
    expect(page.get_by_role("button", name="Right: keep")).to_be_hidden()
    assert whole.finding()["content"]["percent"] == 57
    assert bench.seen(broken)["analyses"] == []

    # Another way of reading it is judged anew; a file that cannot be read says why.
    page.get_by_label("Layout").select_option("ftir-hits")
    expect(report).to_be_hidden()
    page.get_by_role("button", name="Judge it").click()
    expect(page.get_by_role("alert")).to_contain_text("Missing columns: Sample")


def test_a_name_is_explained_and_the_answers_that_rest_on_it_are_corrected(bench: Bench) -> None:
    rock = bench.served.take_in()
    rock.assayed(cocaine(57), result("Substanz 99"))
    page = bench.page("/bench/names")
    page.get_by_label("It means Substanz 99").select_option("caffeine")
    page.get_by_role("button", name="Say so Substanz 99").click()
    expect(page.get_by_role("status")).to_contain_text(rock.label)
    assert rock.finding()["found"] == ["cocaine", "caffeine"]
    page.get_by_role("button", name="Take this explanation back Substanz 99").click()
    expect(page.get_by_label("It means Substanz 99")).to_be_visible()
    assert rock.finding()["unexpected"] == ["Substanz 99"]


def test_material_is_received_and_labels_are_printed(bench: Bench) -> None:
    rock = bench.served.take_in()
    page = bench.page(f"/bench/samples/{rock.label}")
    page.get_by_role("button", name="Received just now").click()
    expect(page.get_by_role("button", name="Received just now")).to_have_count(0)
    assert [one["event"] for one in bench.seen(rock)["custody"]] == ["taken", "received"]
    address = page.get_by_role("link", name="Print its label").get_attribute("href")
    printed = page.request.get(f"{bench.served.address}{address}")
    assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")


def test_a_mistyped_label_is_told_from_an_unknown_one(bench: Bench) -> None:
    page = bench.page()
    for typed, said in (
        ("AAAA-AAAA", "one of its letters or digits is wrong"),
        ("aaaaaaaj", "No sample has this"),
    ):
        page.get_by_label("Label, typed or scanned").fill(typed)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_contain_text(said)
        expect(page.get_by_label("Label, typed or scanned")).to_have_value(typed)
        expect(page.get_by_label("Label, typed or scanned")).to_be_focused()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_bench_puts_up_no_barrier(bench: Bench, language: str) -> None:
    rock = bench.served.take_in(note_to_lab="two crumbs in one bag")
    id = rock.assayed(cocaine(57), result("Substance X-17"), result("fentanyl"))
    rock.assayed(
        cocaine(50), result("fentanyl"), id=id, version=2, status="corrected", reason="dilution"
    )
    page, found = bench.page(f"/bench/?lang={language}"), []
    sample = f"/bench/samples/{rock.label}"
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for path in ("/bench/", sample, f"{sample}?correct={id}", "/bench/files", "/bench/names"):
            page.goto(path)
            expect(page.locator("html")).to_have_attribute(
                "lang", language
            )  # as it was chosen at first
            page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
            found += barriers(page)
    page.goto(sample)
    page.get_by_label(re.compile("(Result|Résultat), % 1$")).fill("blue")
    page.get_by_label(re.compile("(Method|Méthode)")).select_option("lc_ms")
    page.keyboard.press("Tab")
    page.locator("button[value=check]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += barriers(page)
    page.get_by_label(re.compile("(Result|Résultat), % 1$")).fill("57")
    page.locator("button[value=check]").click()
    expect(page.get_by_role("status")).to_be_visible()
    found += barriers(page)
    assert found == []
