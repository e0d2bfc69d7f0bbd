"""What one attempt of a trial logged: read once, and from then on only what is new."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np

from playnote.ledger.trouble import too_new
from playnote.recorder.lines import Damage, Record, decode
from playnote.recorder.trial import LOG_FORMAT
from playnote.records.curves import Curve


@dataclass(frozen=True, slots=True)
class Digest:
    """The small part of what an attempt logged.

    summary  last value of each metric
    steps    largest step logged, None before the first
    outcome  how the recorder saw it end ("nan"), None where it did not
    facts    what the training code stored, and counts: test_reads, test_refused, inputs, checkpoints, predictions
    resumed  (attempt, step) of the checkpoint it went on from
    damaged  how many stretches of the file could not be read
    """

    summary: Mapping[str, float] = field(default_factory=dict)
    steps: float | None = None
    outcome: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    resumed: tuple[int, float] | None = None
    damaged: int = 0


@final
class AttemptReader:
    """Reads one attempt's log; `refresh` reads the bytes that came since."""

    def __init__(self, path: Path) -> None:
        """`path` is what messages name; the bytes come through `refresh`."""
        self.path = path
        self.size = 0  # bytes of the file at the last reading
        self.damage: tuple[Damage, ...] = ()
        self._torn: tuple[Damage, ...] = ()
        self._end = 0
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._steps: float | None = None
        self._facts: dict[str, Any] = {}
        self._outcome: str | None = None
        self._resumed: tuple[int, float] | None = None

    def refresh(self, size: int, read: Callable[[int], bytes]) -> bool:
        """Take in what is new of a log of `size` bytes; whether anything was. `read` gives the bytes from an offset on.

        Raises LedgerError for a log of a later format, and what `read` raises.
        """
        if size == self.size:
            return False
        data = read(self._end)
        found = decode(data, self._end)
        self.size, self._end = self._end + len(data), found.end
        self.damage += tuple(d for d in found.damage if d.kind != "torn")
        self._torn = tuple(d for d in found.damage if d.kind == "torn")
        for record in found.records:
            self._take(record)
        return True

    @property
    def all_damage(self) -> tuple[Damage, ...]:
        """What cannot be read, a torn end included."""
        return self.damage + self._torn

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what was logged, in order of appearance; the summary has the same."""
        return tuple(self._points)

    def curve(self, metric: str) -> Curve | None:
        """One series: steps increasing, the last value logged at a step."""
        points = self._points.get(metric)
        return None if points is None else _curve(*points)

    def digest(self) -> Digest:
        """The small part."""
        summary = {name: values[_last(steps)] for name, (steps, values) in self._points.items()}
        damaged = len(self.all_damage)
        return Digest(summary, self._steps, self._outcome, dict(self._facts), self._resumed, damaged)

    def _take(self, record: Record) -> None:
        kind = record.get("kind")
        if kind == "log":
            self._log(record)
        elif kind == "fact":
            self._facts[str(record["name"])] = record["value"]
        elif kind == "ended":
            self._outcome = str(record["outcome"])
            self._facts["ended"] = _without_kind(record)
        elif kind == "resumed":
            self._resumed = (int(record["attempt"]), float(record["step"]))  # type: ignore[call-overload, arg-type]
        elif kind in ("test-read", "test-refused"):
            name = "test_reads" if kind == "test-read" else "test_refused"
            self._facts[name] = self._facts.get(name, 0) + 1
        elif kind in ("checkpoint", "predictions", "input"):
            name = "predictions" if kind == "predictions" else f"{kind}s"
            self._facts.setdefault(name, []).append(_without_kind(record))
        elif kind == "opened" and int(record.get("format", 1)) > LOG_FORMAT:  # type: ignore[call-overload]
            raise too_new(self.path, record["format"], LOG_FORMAT)

    def _log(self, record: Record) -> None:
        step: float = record["step"]  # type: ignore[assignment]
        if not math.isfinite(step):
            return
        self._steps = step if self._steps is None or step > self._steps else self._steps
        for name, value in record["metrics"].items():  # type: ignore[attr-defined]
            points = self._points.get(name)
            if points is None:
                points = self._points[name] = ([], [])
            points[0].append(step)
            points[1].append(value)


def _without_kind(record: Record) -> Record:
    return {key: value for key, value in record.items() if key != "kind"}


def _last(steps: list[float]) -> int:
    """Where the value of the largest step stands; of several, the one logged last."""
    largest = max(steps)
    return len(steps) - 1 - (0 if steps[-1] == largest else steps[::-1].index(largest))


def _curve(steps: list[float], values: list[float]) -> Curve:
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if np.all(x[1:] > x[:-1]):
        return Curve(x, y)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    final_of_step = np.append(x[1:] != x[:-1], True)
    return Curve(x[final_of_step], y[final_of_step])
