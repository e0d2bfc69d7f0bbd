"""A review written as one HTML file: the same value that the terminal shows, with its pictures."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from playnote.diagnosis.density import measure_density
from playnote.errors import InputError
from playnote.reports.review import ReviewReport, review_figures, review_page
from playnote.service.plain import trial_view
from playnote.service.report import replace_file
from playnote.service.review_choices import split_of
from playnote.service.review_words import read_rows
from playnote.text import Language, Text, same

if TYPE_CHECKING:
    from playnote.service.review import Review

_CURVES = 5
_UNWRITTEN = Text(en="The report cannot be written to {path}: {why}.", zh="报告写不到 {path}：{why}。")
_OTHER = Text(en="Name another file with --out.", zh="用 --out 换一个文件。")


def write_review(found: Review, path: Path, *, language: Language = "en") -> Path:
    """Write the report; the file is there whole, or as it was before. Raises InputError."""
    page = page_of(found, language)
    try:
        replace_file(path, page)
    except OSError as error:
        raise InputError(_UNWRITTEN.fill(path=path, why=error.strerror or error), fix=_OTHER) from error
    return path


def page_of(found: Review, language: Language = "en") -> str:
    """The report as HTML text: for a file, or for a notebook."""
    seen, state = found.evidence, found.imported.state
    splits = [(each.name, facts) for each in seen.categoricals if (facts := split_of(seen, each)) is not None]
    figures = review_figures(
        state,
        # No value was in force before: none of them is a baseline.
        splits=[(name, replace(facts, baseline=None)) for name, facts in splits if any(x.n for x in facts.levels)],
        best=seen.ranked[:_CURVES],
        density=measure_density(seen.table, seen.min_effect),
        said=_captions(found),
    )
    made = (Text(en="Made by", zh="生成"), same(f"Playnote {metadata.version('playnote')}"))
    report = ReviewReport(
        data=found.as_json(points="configurations" in vars(found.step) or bool(found.step.chosen)),
        read=(*read_rows(found), made),
        trials=tuple(trial_view(trial, state.readings.get(trial.id)) for trial in state.trials),
        figures=figures,
    )
    return review_page(report, language)


def _captions(found: Review) -> dict[str, Text]:
    """What was said of one hyperparameter, under its picture."""
    captions: dict[str, Text] = {}
    for line in found.lines:
        parts = line.about.split(":")
        if line.word != "unknown" and len(parts) >= 2 and parts[0] in ("boundary", "infeasible", "edge", "inert"):
            captions.setdefault(parts[1], line.text)
    return captions
