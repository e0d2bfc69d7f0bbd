"""One picture of a page: its drawing in both languages, what it shows in words, and what stands under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playnote.text import Language, Text

Json = dict[str, Any]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Section = Literal["variance", "axes", "isolation", "curves", "ladder", "importance", "measured"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture: a Vega-Lite spec or uPlot data for each language, its caption, and what it shows in words.

    about  the hyperparameter or metric that is drawn, "" where there is none of its own
    """

    id: str
    section: Section
    tool: Literal["vega", "uplot"]
    drawing: Mapping[Language, Json]
    alt: Text
    captions: tuple[Text, ...] = ()
    about: str = ""
