"""What every page has in common: its templates, and a staff page's language."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader
from starlette.responses import Response

from service.cards.html import data_uri
from service.foundation.context import SETTINGS
from service.foundation.http import preferred
from service.lab.typed import exact
from service.pages.context import DEMO
from service.wording.catalogue import Catalogue, plain
from service.wording.context import COMPOSER
from service.wording.inventory import FALLBACK

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)
TEMPLATES.filters["drawing"] = data_uri
TEMPLATES.filters["exact"] = exact
CHOSEN = "__Host-language"
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}


def language_of(request: Request) -> str:
    """French or English, as `?lang=`, an earlier choice or the browser wishes; what staff read."""
    offered = _catalogue(request).page_languages

    for wish in (request.query_params.get("lang"), request.cookies.get(CHOSEN)):
        if wish is not None and wish in offered:
            return wish

    return preferred(request.headers.get("accept-language"), offered) or FALLBACK


@dataclass(frozen=True, slots=True)
class Translator:
    """How a staff page speaks: its texts, the names of substances, the labels of codes."""

    say: Callable[..., str]
    called: Callable[[str], str]
    label: Callable[[str, str], str]


def translator(request: Request) -> Translator:
    """The words of the reader's language."""
    language = language_of(request)
    catalogue = _catalogue(request)
    return Translator(
        lambda english, **inserted: str(catalogue.page("page", english, language, **inserted)),
        lambda name: plain(catalogue.name(name, language)),
        lambda field, code: str(catalogue.label(field, code, language)),
    )


def page(
    request: Request, template: str, status: int = 200, *, here: str | None = None, **values: Any
) -> Response:
    """A staff page in the reader's language.

    `here` is its address, where the request's is only a form's.
    """
    language = language_of(request)
    catalogue = _catalogue(request)
    translate = translator(request)

    body = TEMPLATES.get_template(template).render(
        _=translate.say,
        called=translate.called,
        label=translate.label,
        language=language,
        languages=[(code, catalogue.locales[code].name) for code in catalogue.page_languages],
        path=here or request.url.path,
        place=_query_before_language(request, here),
        zone=SETTINGS.of(request.app).zone,
        demo=DEMO.of(request.app),
        **values,
    )
    response = Response(body, status, media_type="text/html")

    if request.query_params.get("lang") == language:
        response.set_cookie(
            CHOSEN, language, path="/", secure=True, httponly=True, samesite="strict"
        )
    return response


def _query_before_language(request: Request, here: str | None) -> str:
    """What stands between a page's address and the language to change to: `?` or `?method=…&`."""
    if here not in (None, request.url.path):
        return "?"

    asked = [item for item in request.query_params.multi_items() if item[0] != "lang"]
    return f"?{urlencode(asked)}&" if asked else "?"


def _catalogue(request: Request) -> Catalogue:
    return COMPOSER.of(request.app).catalogue
