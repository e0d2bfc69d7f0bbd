"""Verdicts on trials made elsewhere: what the numbers support, what would settle the rest, and the honest next step.

Pruned trials are left out of every "best of"; failures whose cause is not recorded count as missing. Little is said:
a judgement that is not likely indeed stands among the open questions, each with its price.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.optuna_library import without_password
from playnote.errors import InputError
from playnote.service.review_best import best_lines
from playnote.service.review_choices import MOST, choice_lines
from playnote.service.review_curves import curve_lines
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import ORDER, Line
from playnote.service.review_next import NextStep, next_step
from playnote.service.review_ranges import range_lines
from playnote.service.review_space import space_lines
from playnote.text import Language, Text

_TOO_MANY = Text(en="{name} has {n} values: that is no choice to compare.", zh="{name} 有 {n} 个取值，没法当选项来比。")
_FEWER = Text(
    en="Name a hyperparameter with at most {most} values; ranges are looked at without being named.",
    zh="换一个取值不超过 {most} 个的超参；连续范围不用指定也会看。",
)


@dataclass(frozen=True, slots=True)
class Review:
    """What was read and what follows: `lines` in the order sure, likely, fine, cannot tell."""

    source: str
    evidence: Evidence
    lines: tuple[Line, ...]
    step: NextStep

    @property
    def imported(self) -> Imported:
        """What the connector handed over."""
        return self.evidence.imported

    @property
    def of_file(self) -> bool:
        """Whether the source can be named on a command line, not an object in memory."""
        return "://" in self.source or Path(self.source).exists()

    @property
    def next(self) -> Text:
        """The next step in words."""
        return self.step.text

    @property
    def counts(self) -> dict[str, int]:
        """Trials by outcome; "running" where they have none."""
        return dict(Counter(trial.outcome or "running" for trial in self.imported.state.trials))

    def as_json(self, *, points: bool = True) -> dict[str, Any]:
        """Plain data for every face; without the next step's points where they are not asked for."""
        got, objective = self.imported, self.imported.state.project.objective
        return {
            "source": self.source,
            "study": got.study,
            "trials": len(got.state.trials),
            "counts": self.counts,
            "direction": objective.direction,
            "direction_from": got.said,
            "metric": got.metric,
            "min_effect": objective.min_effect,
            "sampler": got.sampler,
            "hyperparameters": list(got.state.project.space.names),
            "left_out": [each.as_json() for each in got.left_out],
            "findings": [line.as_json() for line in self.lines],
            "next": self.next.as_json(),
            "next_step": self.step.as_json(points=points),
        }

    def report(self, path: str | Path = "review.html", *, language: Language = "en") -> Path:
        """Write the review as one HTML file that opens offline; where it was written. Raises InputError."""
        from playnote.service.review_report import write_review

        return write_review(self, Path(path), language=language)

    def write_next(self, where: str | Path) -> str:
        """Write the next step's points for the tool they came from; what was written. Raises InputError."""
        from playnote.service.write_next import write_next

        return write_next(self, str(where))

    def frame(self) -> Any:
        """The trials as a table: polars where it was given or alone is there, else pandas. Raises MissingExtraError."""
        from playnote.connectors.frames import frame_of

        return frame_of(self.imported)


def review(
    source: Any,
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    metric: str | None = None,
    scientific: str | None = None,
    study: str | None = None,
) -> Review:
    """Read trials of another tool and say what they support; `InputError` where the source cannot be used.

    source             a path or address, a pandas or polars frame (one row a trial), or an Optuna study
    direction, metric  asked for only where the source does not record them
    scientific         the categorical hyperparameter in question; without it every one is exploratory
    """
    if direction not in (None, "minimize", "maximize"):
        raise InputError(
            Text(en="The direction is {said!r}.", zh="方向是 {said!r}。").fill(said=direction),
            fix=Text(en="Say minimize or maximize.", zh="写 minimize 或 maximize。"),
        )
    if min_effect is not None and not (math.isfinite(min_effect) and min_effect > 0):
        raise InputError(
            Text(en="--min-effect is {said}.", zh="--min-effect 是 {said}。").fill(said=min_effect),
            fix=Text(en="Give a number above 0, in the metric's unit.", zh="写一个大于 0 的数，单位和指标相同。"),
        )
    way: Any = direction
    wanted = Wanted(study=study, metric=metric, direction=way, min_effect=min_effect)
    if isinstance(source, str | Path):
        return reviewed(without_password(str(source)), read_source(str(source), wanted), scientific)
    from playnote.connectors.frames import read_object

    got = read_object(source, wanted)
    return reviewed(got.study, got, scientific)


def reviewed(source: str, got: Imported, scientific: str | None = None) -> Review:
    """The review of trials that have been read."""
    names = got.state.project.space.names
    if scientific is not None and scientific not in names:
        raise InputError(
            Text(en="No hyperparameter is called {name!r}.", zh="没有叫 {name!r} 的超参。").fill(name=scientific),
            fix=Text(en="One of: {names}", zh="可选：{names}").fill(names=", ".join(names)),
        )
    seen = Evidence(got, scientific)
    if scientific is not None and len(seen.categoricals[0].choices) > MOST:
        raise InputError(
            _TOO_MANY.fill(name=scientific, n=len(seen.categoricals[0].choices)),
            fix=_FEWER.fill(most=MOST),
        )
    found = [*range_lines(seen), *best_lines(seen), *choice_lines(seen), *space_lines(seen), *curve_lines(seen)]
    lines = tuple(sorted(found, key=lambda line: ORDER.index(line.word)))
    return Review(source, seen, lines, next_step(seen, lines))


__all__ = ["Line", "Review", "review", "reviewed"]
