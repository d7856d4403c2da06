"""Pages of paper: a template becomes a PDF. Nothing outside the template and our own style sheets is ever read."""

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

FONTS = '"DejaVu Sans Condensed", "DejaVu Sans", "Noto Sans", sans-serif'


def make_pdf(template: str, context: dict[str, Any], *, styles: Sequence[str]) -> bytes:
    """The template as a PDF. `styles` are names of our own style sheets (`css/paper.css`).

    A picture, font or page that a text names is refused, whatever its address: names and notes come from strangers.
    """
    # It would write every address that a text names into our logs.
    for log in ("weasyprint", "weasyprint.progress"):
        logging.getLogger(log).setLevel(logging.CRITICAL)
    # It loads Pango, which only those who print need.
    from weasyprint import CSS, HTML

    fetcher = _refuse_everything()
    html = HTML(string=render_to_string(template, context), url_fetcher=fetcher)
    sheets = [CSS(string=_style(name), url_fetcher=fetcher) for name in styles]
    pdf: bytes = html.write_pdf(stylesheets=sheets, cache={})
    return pdf


def make_one_page(
    html: str, *, styles: Sequence[str], tighter: Sequence[str], pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """A page of HTML as a PDF of exactly one page: where it is too long, the sheets of `tighter` are added one by one.

    The last of them must clip. Only `pictures` are read, by addresses like `picture:then`; all others are refused.
    """
    for log in ("weasyprint", "weasyprint.progress"):
        logging.getLogger(log).setLevel(logging.CRITICAL)
    from weasyprint import CSS, HTML

    fetcher = _only_pictures(pictures or {})
    sheets = [CSS(string=_style(name), url_fetcher=fetcher) for name in styles]
    page = HTML(string=html, url_fetcher=fetcher)
    document = page.render(stylesheets=sheets, cache={})
    for name in tighter:
        if len(document.pages) == 1:
            break
        sheets.append(CSS(string=_style(name), url_fetcher=fetcher))
        document = page.render(stylesheets=sheets, cache={})
    pdf: bytes = document.copy(document.pages[:1]).write_pdf()
    return pdf


def pdf_response(pdf: bytes, *, name: str) -> HttpResponse:
    """To be shown by the browser, under a name that we made."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _refuse_everything() -> Any:
    from weasyprint.urls import URLFetcher

    class RefuseEverything(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> "URLFetcherResponse":
            raise ValueError("Nothing is fetched while paper is made.")

    return RefuseEverything()


def _only_pictures(pictures: Mapping[str, bytes]) -> Any:
    """A fetcher that knows these pictures (JPEG) by `picture:name` and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyPictures(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> "URLFetcherResponse":
            known = pictures.get(url.removeprefix("picture:")) if url.startswith("picture:") else None
            if known is None:
                raise ValueError("Nothing is fetched while paper is made.")
            return URLFetcherResponse(url, body=known, headers={"Content-Type": "image/jpeg"})

    return OnlyPictures()


def _style(name: str) -> str:
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(name)
    return Path(str(found)).read_text(encoding="utf-8")
