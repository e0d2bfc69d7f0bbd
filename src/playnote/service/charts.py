"""A round's pictures, one at a time: which there are and what each shows in words, and one as an image."""

from __future__ import annotations

from playnote.errors import NotFoundError
from playnote.reports.stills import still
from playnote.service.figures import name_of
from playnote.service.report import round_report
from playnote.service.rounds import chosen_round
from playnote.service.session import Session
from playnote.service.views import Json
from playnote.text import Language, Text, same


def charts(session: Session, number: int | None = None) -> Json:
    """The pictures of a round's report by name, each with what it shows. Raises NotFoundError for an unknown round."""
    state = session.state()
    current = chosen_round(state, number, open_only=False)
    figures = round_report(state, current).figures
    return {
        "round": current.number,
        "charts": [{"chart": name_of(each), "shows": each.alt.as_json()} for each in figures],
    }


def chart_png(session: Session, name: str, number: int | None = None, *, language: Language = "en") -> bytes:
    """One picture as PNG.

    Raises NotFoundError for an unknown name, MissingExtraError without the extra `export`, InputError where Chinese is to
    be drawn and no font has it.
    """
    state = session.state()
    figures = round_report(state, chosen_round(state, number, open_only=False)).figures
    figure = next((each for each in figures if name_of(each) == name), None)
    if figure is None:
        known = ", ".join(name_of(each) for each in figures)
        raise NotFoundError(
            Text(en="There is no chart {name!r}.", zh="没有叫 {name!r} 的图。").fill(name=name[:60]),
            fix=Text(en="One of: {known}.", zh="可选：{known}。").fill(known=same(known or "-")),
        )
    return still(figure, language, "png")
