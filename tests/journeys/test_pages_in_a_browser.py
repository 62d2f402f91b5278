"""What people meet on real pages: a person with a code, a worker, a laboratory, an intruder.

After each test, `visit` sees to it that nothing came from another host and no console complained.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from service.access.permissions import Role
from service.access.require import COOKIE
from service.foundation.settings import ROOT
from service.wording.catalogue import Catalogue, Mg
from tests.conftest import Rock
from tests.journeys.browser import NARROWEST, PASSWORD, PHONE, TABLET, Served, serve
from tests.rocks import assay_body, cocaine, result

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
CATALOGUE = Catalogue(ROOT / "messages")
LANGUAGES = tuple(CATALOGUE.locales)
UNKNOWN_CODE = "AAAA-BBBB-CCCCC"
WRONG_PASSWORD = "This name and password do not belong together."
OPIOID = (
    cocaine(41.0),
    result("isotonitazene"),
    result("levamisole"),
    result("amphetamine", "not_detected"),
)


@dataclass
class Filled:
    """A service with a rock in every state, Amina of the outreach team and Luc of the laboratory.

    Tests may add to it, but change nothing that is there.
    """

    served: Served
    rocks: dict[str, Rock]

    @property
    def address(self) -> str:
        return self.served.address

    def result_of(self, state: str, language: str) -> str:
        return f"{self.address}/r/{self.rocks[state].code}?lang={language}"

    def pages_of_a_person(self, language: str) -> list[str]:
        paths = ["/r/", f"/r/{UNKNOWN_CODE}", *(f"/r/{rock.code}" for rock in self.rocks.values())]
        return [f"{self.address}{path}?lang={language}" for path in paths]

    def pages_of_staff(self, visit: Visit, language: str) -> Iterator[Page]:
        """Each page of those who work here, opened by somebody who may see it, and by nobody."""
        page = visit(self.address)
        for role, paths in {
            Role.OUTREACH: ["/"],
            Role.LAB: ["/bench/"],
            Role.COORDINATOR: ["/survey/"],
            None: ["/", "/sign-in", "/docs", "/nothing-here"],
        }.items():
            page.context.clear_cookies()
            page.context.add_cookies(self.served.session(role) if role else [])
            for path in paths:
                page.goto(f"{path}?lang={language}")
                # Some of what is folded away is looked at as well.
                page.locator("details").evaluate_all(
                    "all => all.slice(0, 3).forEach(one => { one.open = true })"
                )
                yield page

    def cards(self, visit: Visit, language: str, **more: Any) -> Iterator[Page]:
        page = visit(self.address, **more)
        page.context.add_cookies(self.served.session(Role.OUTREACH))
        for state in ("corrected", "opioid"):
            page.goto(f"{self.rocks[state].path}/card?lang={language}")
            yield page


@pytest.fixture(scope="module")
def filled(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with serve(migrated_sqlite, tmp_path_factory.mktemp("filled"), demo=False) as served:
        rocks = {
            state: served.take_in() for state in ("waiting", "answered", "corrected", "opioid")
        }
        usual = assay_body("")["results"]
        rocks["answered"].assayed(*usual, result("phenacetin"), result("lidocaine"))
        rocks["opioid"].assayed(*OPIOID)
        analysis = rocks["corrected"].assayed()
        rocks["corrected"].assayed(
            cocaine(71.0), id=analysis, version=2, status="corrected", reason="mix-up"
        )
        served.add_person("Amina", Role.OUTREACH)
        served.add_person("Luc", Role.LAB)
        yield Filled(served, rocks)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in?lang=en")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sessions(page: Page) -> list[Any]:
    """The cookies that let somebody in; the other one remembers the language that was chosen."""
    return [cookie for cookie in page.context.cookies() if cookie.get("name") == COOKIE]


def status_of(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer
    return answer.status


def places(text: Locator, *parts: str) -> list[tuple[int, float]]:
    """Where on the screen each part of a text begins: px from the top, px from the left."""
    found = text.evaluate(
        """(element, parts) => {
            const text = element.firstChild
            let from = 0
            return parts.map(part => {
                const at = text.data.indexOf(part, from)
                if (at < 0) throw new Error(`no ${part} in ${text.data}`)
                from = at + part.length
                const range = new Range()
                range.setStart(text, at)
                range.setEnd(text, at + 1)
                const box = range.getBoundingClientRect()
                return [Math.round(box.top), box.left]
            })
        }""",
        list(parts),
    )
    return [(top, left) for top, left in found]


def left_to_right(text: Locator, *parts: str) -> bool:
    """Whether the parts stand on one line, each to the right of the one before."""
    found = places(text, *parts)
    return len({top for top, _ in found}) == 1 and found == sorted(found)


def font_sizes(text: Locator) -> list[float]:
    sizes = text.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    return [float(size) for size in sizes]


# --- A person with a code -------------------------------------------------------------------------


def test_a_code_typed_by_a_tired_hand_leads_to_its_result(served: Served, visit: Visit) -> None:
    code = next(code for code in served.codes(500) if "0" in code and "1" in code)
    served.take_in(code=code).assayed()
    typed = " ".join(code.replace("-", "").replace("0", "O").replace("1", "l").lower())

    page = visit(f"{served.address}/r/?lang=fr", java_script_enabled=False)
    page.get_by_label(CATALOGUE.say("page-enter-code", "fr")).fill(typed)
    page.get_by_role("button", name=CATALOGUE.say("page-show", "fr")).click()

    expect(page).to_have_url(f"{served.address}/r/{code}?lang=fr")
    amounts = CATALOGUE.say("result-amount", "fr", {"weight": Mg(138.4), "amount": Mg(78.9)})
    expect(page.locator("section").first).to_have_text(amounts)


# What browsers of 2016 do not know; they leave out such a line, or the whole rule.
_NOT_YET = re.compile(
    r"(?<=[{;])\s*(?:[\w-]*(?:inline|block)-(?:size|start|end)[\w-]*|(?:margin|padding|border)-(?:inline|block)[\w-]*"
    r"|display: grid|grid-[\w-]+|gap|inset|clip-path|overflow-wrap: anywhere)\b[^;{}]*;?"
)
_RULE_NOT_YET = re.compile(r"[^{}]*:(?:has|focus-visible|is|where)\b[^{}]*\{[^{}]*\}")


@pytest.mark.parametrize("language", ["ar", "ka"])
def test_a_phone_of_ten_years_ago_shows_it_too(filled: Filled, visit: Visit, language: str) -> None:
    css = (ROOT / "service" / "pages" / "static" / "caillou.css").read_text()
    known = _NOT_YET.sub("", _RULE_NOT_YET.sub("", css))
    assert len(known) < len(css)
    page = visit(filled.address, viewport=NARROWEST)
    page.route("**/caillou.css", lambda route: route.fulfill(body=known, content_type="text/css"))
    for path in filled.pages_of_a_person(language):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
        assert page.evaluate("document.documentElement.dir") == (
            "rtl" if language == "ar" else "ltr"
        )
        for drawing in page.locator("img.pictogram").all():
            box = drawing.bounding_box()
            assert box and 24 <= box["width"] <= 80 and box["height"] <= 160
        for alert in page.locator(".alert").all():
            assert (
                alert.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(163, 0, 26)"
            )
    assert page.locator("img.pictogram").count() > 3


def test_the_languages_are_links_that_need_no_script(filled: Filled, visit: Visit) -> None:
    page = visit(filled.result_of("answered", "fr"), java_script_enabled=False)
    for language, locale in CATALOGUE.locales.items():
        page.get_by_role("link", name=locale.name).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("html")).to_have_attribute("dir", locale.direction)
        said = [message["text"] for message in filled.rocks["answered"].messages(language, "fr")]
        expect(page.locator("section p:not(.beside)")).to_have_text(
            [text[language] for text in said]
        )
        beside = [text["fr"] for text in said] if language != "fr" else []
        expect(page.locator("section p.beside")).to_have_text(beside)


def test_an_arabic_page_reads_from_the_right_and_its_numbers_from_the_left(
    filled: Filled, visit: Visit
) -> None:
    page = visit(filled.result_of("corrected", "ar"))
    arabic = page.locator("section p[lang=ar]")

    amount = arabic.filter(has_text="98\u00a0mg")
    (_, first_word), (_, weight) = places(amount, "هذا", "138")
    assert weight < first_word
    assert left_to_right(amount, "138", "mg")
    assert left_to_right(amount, "98", "mg")

    replaced = arabic.filter(has_text=re.compile(r"\d\d/\d\d/\d{4}"))
    day = re.search(r"(\d\d)/(\d\d)/(\d{4})", replaced.inner_text())
    assert day
    assert left_to_right(replaced, *day.groups())

    assert left_to_right(
        arabic.filter(has_text="Drogues Info Service"), "0\u00a0", "800", "23", "13", "13"
    )


def test_a_correction_leaves_nothing_of_the_old_answer(filled: Filled, visit: Visit) -> None:
    rock = filled.served.take_in()
    analysis = rock.assayed()
    page = visit(f"{filled.address}/r/{rock.code}?lang=fr")
    old_amount, old_share, *_ = page.locator("section.result").all_inner_texts()
    assert "79\u00a0mg" in old_amount

    rock.assayed(cocaine(71.0), id=analysis, version=2, status="corrected", reason="mix-up")
    page.reload()
    expect(page.locator("section.state")).to_contain_text("remplace")
    expect(page.locator("section.result").first).to_contain_text("98\u00a0mg")
    now = page.locator("main").inner_text()
    for gone in (old_amount.strip(), old_share.strip(), "79", "lévamisole"):
        assert gone not in now


def test_an_unknown_code_is_said_to_be_unknown_in_the_chosen_language(
    served: Served, visit: Visit
) -> None:
    page = visit(f"{served.address}/r/", java_script_enabled=False)
    for language, locale in CATALOGUE.locales.items():
        page.get_by_role("link", name=locale.name).click()
        page.get_by_label(CATALOGUE.say("page-enter-code", language)).fill(UNKNOWN_CODE)
        with page.expect_response(f"**/r/{UNKNOWN_CODE}**") as answered:
            page.get_by_role("button", name=CATALOGUE.say("page-show", language)).click()
        assert answered.value.status == 404
        expect(page.get_by_role("alert")).to_have_text(CATALOGUE.say("page-unknown-code", language))
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_label(CATALOGUE.say("page-enter-code", language))).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_opioid_is_the_first_and_the_largest_thing_to_read(
    filled: Filled, visit: Visit, language: str
) -> None:
    page = visit(filled.result_of("opioid", language))
    said = filled.rocks["opioid"].messages(language)
    warnings = [message["text"][language] for message in said if message["slot"] == "alert"]
    assert CATALOGUE.name("isotonitazene", language) in warnings[0]
    expect(page.locator("section.alert p:not(.beside)")).to_have_text(warnings)
    expect(page.locator("section").first).to_have_class("alert")
    for size in (PHONE, TABLET):
        page.set_viewport_size(size)
        box = page.locator("section.alert").first.bounding_box()
        assert box
        assert box["y"] + box["height"] < size["height"]
        assert box["width"] > 0.9 * size["width"]
        assert font_sizes(page.locator("section.alert p").first) == [
            max(font_sizes(page.locator("main *")))
        ]


# --- Those who work here --------------------------------------------------------------------------


def test_a_worker_sees_the_rocks_of_their_site_and_signs_out_for_good(
    served: Served, visit: Visit
) -> None:
    served.add_person("Amina", Role.OUTREACH)
    ours, theirs = [served.take_in(), served.take_in()], served.take_in("neighbour")
    page = visit(served.address)
    sign_in(page, "Amina")
    expect(page).to_have_url(f"{served.address}/tablet/")
    page.get_by_role("button", name="Results").click()
    for rock in ours:
        expect(page.get_by_role("button", name=rock.label)).to_be_visible()
    expect(page.locator(".list li")).to_have_count(len(ours))
    assert theirs.label not in page.content()

    page.get_by_role("button", name=ours[0].label).click()
    expect(page.locator(".slip .code")).to_have_text(ours[0].code)
    (cookie,) = sessions(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{served.address}/")
    assert sessions(page) == []

    page.goto("/tablet/")
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    assert ours[0].code not in page.content()
    stolen = {"Cookie": f"{cookie.get('name')}={cookie.get('value')}"}
    assert served.client.get("/v1/tablet/kit", headers=stolen).status_code == 401


def test_the_session_is_a_cookie_that_neither_scripts_nor_other_sites_get(
    filled: Filled, visit: Visit
) -> None:
    page = visit(filled.address)
    sign_in(page, "Amina")
    expect(page).to_have_url(f"{filled.address}/tablet/")
    (cookie,) = sessions(page)
    assert (cookie.get("name"), cookie.get("path")) == ("__Host-caillou", "/")
    assert (cookie.get("httpOnly"), cookie.get("secure"), cookie.get("sameSite")) == (
        True,
        True,
        "Strict",
    )
    assert page.evaluate("document.cookie") == "caillou-site=here"  # which opens nothing


@pytest.mark.parametrize(
    ("elsewhere", "refusal"),
    [("http://127.0.0.1:4173", 403), ("http://elsewhere.example", 401)],
    ids=["another port, where the cookie goes along", "another site, where it does not"],
)
def test_a_page_from_elsewhere_cannot_sign_a_worker_out(
    filled: Filled, browser: Browser, elsewhere: str, refusal: int
) -> None:
    action = f"{filled.address}/sign-out"
    trap = f'<form method="post" action="{action}"><button>Win a prize</button></form>'
    context = browser.new_context(base_url=filled.address)
    context.add_cookies(filled.served.session(Role.OUTREACH))
    context.route(
        f"{elsewhere}/**", lambda route: route.fulfill(body=trap, content_type="text/html")
    )
    page = context.new_page()
    assert status_of(page, "/v1/samples") == 200
    page.goto(f"{elsewhere}/")
    with page.expect_response("**/sign-out") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == refusal
    assert status_of(page, "/v1/samples") == 200
    context.close()


def test_the_laboratory_sees_what_waits_and_nothing_of_whose_it_is(
    filled: Filled, visit: Visit
) -> None:
    waiting, answered = (
        filled.served.take_in(note_to_lab="two crumbs in one bag"),
        filled.served.take_in(),
    )
    answered.assayed()
    page = visit(filled.address)
    sign_in(page, "Luc")
    expect(page).to_have_url(f"{filled.address}/bench/")
    row = page.get_by_role("row", name=waiting.label)
    expect(row).to_contain_text("138\u00a0mg")
    expect(row).to_contain_text("two crumbs in one bag")
    source = page.content()
    told = (
        waiting.id,
        waiting.code,
        "75118",
        "street",
        "€",
        "woman",
        "35-44",
        "amphetamine",
        "alcohol",
    )
    for one in (answered.label, *told):
        assert one not in source
    assert status_of(page, "/v1/tablet/kit") == 403


def test_a_wrong_password_is_refused_in_the_same_words_whoever_asks(
    filled: Filled, visit: Visit
) -> None:
    page = visit(filled.address)
    for name in ("Amina", "Nobody"):
        sign_in(page, name, "not this one")
        expect(page.get_by_role("alert")).to_have_text(WRONG_PASSWORD)
        expect(page.get_by_label("Password")).to_have_value("")
        assert sessions(page) == []


def test_a_refusal_keeps_the_language_that_was_chosen(filled: Filled, visit: Visit) -> None:
    page = visit(f"{filled.address}/sign-in?lang=fr", locale="en-GB")
    page.locator("input[name=name]").fill("Amina")
    page.locator("input[name=password]").fill("not this one")
    page.locator("main").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_have_text(CATALOGUE.page("problem", WRONG_PASSWORD, "fr"))


def test_the_demo_lets_anyone_in_by_a_button(demo: Served, visit: Visit) -> None:
    may_list = {"outreach": 200, "lab": 403, "coordinator": 200, "operator": 403}
    homes = {"outreach": "/tablet/", "lab": "/bench/", "coordinator": "/survey/", "operator": "/"}
    for role, home in homes.items():
        page = visit(f"{demo.address}/?lang=en")
        row = page.get_by_role("row", name=role)
        bearer = {"Authorization": f"Bearer {row.locator('code').inner_text()}"}
        assert demo.client.get("/v1/samples", headers=bearer).status_code == may_list[role]
        row.get_by_role("button", name=f"Sign in {role}").click()
        expect(page).to_have_url(f"{demo.address}{home}")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_outside_the_demo_the_start_page_holds_no_credential(filled: Filled, visit: Visit) -> None:
    page = visit(filled.address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("button, input, code, table")).to_have_count(0)


def test_a_programmer_tries_the_api_out_with_a_token(demo: Served, visit: Visit) -> None:
    page = visit(f"{demo.address}/?lang=en")
    token = page.get_by_role("row", name="coordinator").locator("code").inner_text()
    page.goto("/docs?lang=en")
    page.get_by_role("button", name="Authorize").click()
    page.locator("input[aria-label='auth-bearer-value']").fill(token)
    page.get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close", exact=True).last.click()
    operation = page.locator(".opblock", has=page.locator("[data-path='/v1/samples']")).first
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_have_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text('"samples": []')


# --- Every page -----------------------------------------------------------------------------------


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical, and what lies beyond the edge of the narrowest phone.

    Contrast is asked to be 7:1, and 4.5:1 for large text (AAA); what Swagger UI draws (#api) is
    left out.
    """
    rules = {rule: {"enabled": True} for rule in ("color-contrast-enhanced", "target-size")}
    found = (
        Axe()
        .run(page, {"exclude": [["#api"]]}, {"resultTypes": ["violations"], "rules": rules})
        .response["violations"]
    )
    wide = page.viewport_size or TABLET
    page.set_viewport_size(NARROWEST)
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size(wide)
    return [
        *(
            f"{page.url}: {one['id']}: {node['html']}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ),
        *([f"{page.url}: {beyond} px lie beyond the edge"] if beyond > 0 else []),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_persons_pages_put_up_no_barrier(filled: Filled, visit: Visit, language: str) -> None:
    page, found = visit(filled.address), []
    every = filled.pages_of_a_person(language)
    # A language changes letters and direction, not what is on a page: two read them all.
    for url in (
        every if language in ("fr", "ar") else (every[0], filled.result_of("opioid", language))
    ):
        page.goto(url)
        found += barriers(page)
    assert found == []


def test_nor_do_they_in_the_dark(filled: Filled, visit: Visit) -> None:
    page, found = visit(filled.address, color_scheme="dark"), []
    for url in (
        filled.result_of("opioid", "ru"),
        filled.result_of("corrected", "fr"),
        f"/r/{UNKNOWN_CODE}",
    ):
        page.goto(url)
        found += barriers(page)
    assert found == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_staff_pages_put_up_no_barrier(filled: Filled, visit: Visit, language: str) -> None:
    found = [one for page in filled.pages_of_staff(visit, language) for one in barriers(page)]
    assert found == []


@pytest.mark.parametrize("language", ["fr", "ar", "ka", "wo"])
def test_a_card_on_a_screen_puts_up_no_barrier(filled: Filled, visit: Visit, language: str) -> None:
    found = [one for page in filled.cards(visit, language) for one in barriers(page)]
    assert found == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_start_page_of_the_demo_puts_up_no_barrier(
    demo: Served, visit: Visit, language: str
) -> None:
    assert barriers(visit(f"{demo.address}/?lang={language}")) == []


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_a_card_prints_on_one_sheet_with_its_warning_in_a_frame(
    filled: Filled, visit: Visit, language: str
) -> None:
    for page in filled.cards(visit, language, viewport=TABLET):
        printed = pypdfium2.PdfDocument(page.pdf(format="A4"))
        assert len(printed) <= 2  # one sheet, both sides
        assert CATALOGUE.name("isotonitazene", "fr") in printed[0].get_textpage().get_text_bounded()
        printed.close()
        if filled.rocks["opioid"].path not in page.url:
            continue  # of other rocks it tells under its own result, without a frame
        page.emulate_media(media="print")
        warning = page.locator("section.alert").first
        expect(warning).to_have_css("border-inline-start-style", "solid")
        expect(warning).to_have_css("color", "rgb(0, 0, 0)")
        page.emulate_media(media="null")
