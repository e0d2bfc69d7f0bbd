"""A round as it runs: what is new since the last look, as the pages, progress bars and agents follow it.

A `Follower` keeps its place in the ledger, so a look costs what has been written since and not what is on record.
Warnings are provisional: they are about trials that still run, count nowhere, and may go away.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import final

import numpy as np

from playnote.guide.stage import unfinished
from playnote.ledger import Ledger
from playnote.plots.thinning import thinned
from playnote.recorder.formula import parse
from playnote.records.curves import Curve
from playnote.records.round import Round
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.service.rounds import chosen_round
from playnote.service.session import Session
from playnote.service.views import Json, finite, trial_view
from playnote.text import Text

MOST_LINES = 60  # curves that a page draws at once
POINTS = 400  # a curve, when it is first sent
_SLEEP = 0.5
_RECENT = 20
_EATEN = 0.25


def live(session: Session, number: int | None = None) -> Json:
    """The round now: counts, trials, the curve of the objective's first metric for each, provisional warnings."""
    return Follower(session, number).look()


def changes(session: Session, number: int | None = None, *, every: float = _SLEEP) -> Iterator[Json | None]:
    """What is new, each time something is; None where nothing is. Ends when nothing is left to run and no trial runs.

    every  seconds between two looks
    """
    follower = Follower(session, number)
    yield follower.look()
    while not follower.over:
        time.sleep(every)
        yield follower.look() if follower.moved() else None


@final
class Follower:
    """One reader of one round. `look` gives what came since the look before; the first gives everything."""

    def __init__(self, session: Session, number: int | None = None) -> None:
        self._session = session
        self._ledger = Ledger.open(session.home)
        self._state = self._ledger.state(session.project)
        self._number = chosen_round(self._state, number, open_only=False).number
        self._sent: dict[str, float] = {}
        self._told: dict[str, Json] = {}
        self._sizes: dict[Path, int] = {}
        self._looked = False

    @property
    def metric(self) -> str:
        """The series that is drawn: the objective's, or the first that its formula names."""
        objective = self._session.project.objective
        return next(iter(parse(objective.formula).terms), objective.formula)

    @property
    def over(self) -> bool:
        """Whether nothing is left to run in the round, or it is closed."""
        current = self._round
        return self._looked and (bool(current.closed) or unfinished(self._state, current) == 0)

    def moved(self) -> bool:
        """Whether journal or logs grew since the last look: sizes of files, nothing is read."""
        return self._sizes != self._measured()

    def look(self) -> Json:
        """What is new: trials that changed, points that were logged, all warnings of now."""
        self._sizes = self._measured()
        self._state = self._ledger.state(self._session.project)
        current = self._round
        trials = self._state.of_round(self._number)
        first, self._looked = not self._looked, True
        return {
            "round": self._number,
            "first": first,
            "metric": self.metric,
            "counts": _counts(trials),
            "left": unfinished(self._state, current),
            "planned": len(current.planned) + current.to_choose,
            "closed": current.closed,
            "trials": self._changed(trials),
            "points": {name: points for name, points in self._points(trials) if points[0]},
            "warnings": [each.as_json() for each in self.warnings(trials)],
            "over": self.over,
        }

    def warnings(self, trials: Iterable[TrialRecord]) -> list[Text]:
        """Provisional: what is worth a word while trials still run."""
        ended = sorted((t for t in trials if t.outcome is not None), key=lambda each: each.ended or "")
        recent = ended[-_RECENT:]
        found = []
        for text, bad in (
            (_DIVERGING, [t for t in recent if t.outcome in DIVERGED]),
            (_FAILING, [t for t in recent if str(t.outcome).startswith("failed")]),
        ):
            if len(bad) >= 2 and len(bad) >= _EATEN * len(recent):
                found.append(text.fill(bad=len(bad), n=len(recent)))
        broken = [t.id for t in trials if _runs(t) and self._broken(t.id)]
        if broken:
            found.append(_NOT_FINITE.fill(names=", ".join(broken), metric=self.metric))
        return found

    @property
    def _round(self) -> Round:
        return next(each for each in self._state.rounds if each.number == self._number)

    def _changed(self, trials: Iterable[TrialRecord]) -> list[Json]:
        found = []
        for trial in trials:
            view = {**trial_view(trial, self._state.readings.get(trial.id)), "running": _runs(trial)}
            if self._told.get(trial.id) != view:
                self._told[trial.id] = view
                found.append(view)
        return found

    def _points(self, trials: Iterable[TrialRecord]) -> Iterator[tuple[str, list[list[float | None]]]]:
        """Steps and values that were logged since, of the trials that are drawn."""
        for trial in _drawn(trials):
            if trial.outcome is not None and trial.id in self._sent and self._sent[trial.id] == math.inf:
                continue
            curve = self._state.curves.curve(trial.id, self.metric)
            if curve is None or not len(curve):
                continue
            last = self._sent.get(trial.id)
            kept = curve if last is None else _after(curve, last)
            self._sent[trial.id] = float(curve.steps[-1]) if trial.outcome is None else math.inf
            kept = thinned(kept, POINTS) if last is None and len(kept) > POINTS else kept
            yield trial.id, [kept.steps.tolist(), finite(kept.values.tolist())]

    def _broken(self, name: str) -> bool:
        curve = self._state.curves.curve(name, self.metric)
        return curve is not None and len(curve) > 0 and not np.isfinite(curve.values[-1])

    def _measured(self) -> dict[Path, int]:
        paths = self._ledger.paths
        files = [paths.journal]
        files += [paths.attempt(t.id, t.attempts) for t in self._state.of_round(self._number) if _runs(t)]
        return {path: path.stat().st_size if path.exists() else 0 for path in files}


def _runs(trial: TrialRecord) -> bool:
    return trial.outcome is None and trial.attempts > 0


def _drawn(trials: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Those that run, then the latest ended: more lines than that nobody can read."""
    begun = [trial for trial in trials if trial.attempts > 0]
    running = [trial for trial in begun if trial.outcome is None]
    ended = sorted((t for t in begun if t.outcome is not None), key=lambda t: t.ended or "", reverse=True)
    return [*running, *ended][:MOST_LINES]


def _after(curve: Curve, last: float) -> Curve:
    kept = curve.steps > last
    return Curve(curve.steps[kept], curve.values[kept])


def _counts(trials: Iterable[TrialRecord]) -> Json:
    said = Counter(
        "running" if _runs(t) else "waiting" if t.outcome is None else t.outcome.split(":")[0] for t in trials
    )
    return dict(sorted(said.items()))


_DIVERGING = Text(
    en="{bad} of the last {n} trials diverged: divergence is eating the budget.",
    zh="最近 {n} 个试验里发散了 {bad} 个：预算被发散吃掉了。",
)
_FAILING = Text(
    en="{bad} of the last {n} trials failed: look at why before more of them do.",
    zh="最近 {n} 个试验里失败了 {bad} 个：先查原因，再往下跑。",
)
_NOT_FINITE = Text(
    en="The last reading of {metric} is not a number: {names}.", zh="{metric} 的最新读数不是数：{names}。"
)
