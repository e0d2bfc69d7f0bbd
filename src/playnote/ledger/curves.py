"""The curves of the ledger's trials: of the attempt that counts, joined to the one it went on from."""

from __future__ import annotations

from typing import final

import numpy as np

from playnote.ledger.book import Book
from playnote.ledger.cache import Key
from playnote.ledger.logs import Logs
from playnote.records.curves import Curve, Floats


@final
class LedgerCurves:
    """Implements `CurveSource`: a trial's last attempt, and what it resumed from up to the checkpoint's step."""

    def __init__(self, logs: Logs, book: Book) -> None:
        self._logs, self._book = logs, book

    def metrics(self, trial: str) -> tuple[str, ...]:
        """Names of a trial's series."""
        names = [name for key, _ in self._parts(trial) for name in self._logs.metrics(key)]
        return tuple(dict.fromkeys(names))

    def curve(self, trial: str, metric: str) -> Curve | None:
        """One series of a trial, None where it was never logged."""
        found = [(self._logs.curve(key, metric), until) for key, until in self._parts(trial)]
        curves = [(curve, until) for curve, until in found if curve is not None]
        if len(curves) == 1 and curves[0][1] is None:
            return curves[0][0]
        return _joined(curves) if curves else None

    def logged_at(self, trial: str, attempt: int, step: float) -> dict[str, float]:
        """What one attempt logged at a step, by metric; a metric that it did not log there is left out."""
        curves = {name: self._logs.curve((trial, attempt), name) for name in self._logs.metrics((trial, attempt))}
        here = {name: curve.values[curve.steps == step] for name, curve in curves.items() if curve is not None}
        return {name: float(values[-1]) for name, values in here.items() if len(values)}

    def _parts(self, trial: str) -> list[tuple[Key, float | None]]:
        """The attempts that count, oldest first, each with the step up to which it does."""
        attempts = self._book.attempts.get(trial)
        parts: list[tuple[Key, float | None]] = []
        number, until = max(attempts) if attempts else 0, None
        while number:
            parts.append(((trial, number), until))
            resumed = self._logs.digest((trial, number)).resumed if number > 1 else None  # the first goes on from none
            number, until = resumed if resumed and resumed[0] < number else (0, None)
        return parts[::-1]


def _joined(curves: list[tuple[Curve, float | None]]) -> Curve:
    kept = [(c.steps, c.values) if until is None else _up_to(c, until) for c, until in curves]
    starts = [steps[0] if len(steps) else np.inf for steps, _ in kept]
    parts = [
        (steps[steps < min(starts[i + 1 :], default=np.inf)], values[steps < min(starts[i + 1 :], default=np.inf)])
        for i, (steps, values) in enumerate(kept)
    ]
    return Curve(np.concatenate([s for s, _ in parts]), np.concatenate([v for _, v in parts]))


def _up_to(curve: Curve, until: float) -> tuple[Floats, Floats]:
    kept = curve.steps <= until
    return curve.steps[kept], curve.values[kept]
