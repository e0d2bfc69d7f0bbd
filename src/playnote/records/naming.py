"""Metric names: what a split's metrics are called in the logs, and what the project calls them.

A project says `dev = { logged_as = "val" }`; training code logs `val/error` (or `val_error`, `val.error`),
and everything that reads records sees `dev/error`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, final

from playnote.records.curves import Curve, CurveSource
from playnote.records.project import Split

SEPARATORS = "/_.:-"
T = TypeVar("T")


def declared_name(metric: str, splits: Mapping[str, Split]) -> str:
    """The project's name of a logged metric: `val/error` and `val_error` are `dev/error` where dev is logged as val."""
    for name, split in splits.items():
        prefix = split.logged_as
        if prefix and metric.startswith(prefix) and metric[len(prefix) : len(prefix) + 1] in tuple(SEPARATORS):
            return f"{name}/{metric[len(prefix) + 1 :]}"
    return metric


def logged_names(metric: str, splits: Mapping[str, Split]) -> tuple[str, ...]:
    """Every name under which a metric of the project may be logged, its own first."""
    name, _, rest = metric.partition("/")
    split = splits.get(name)
    if not rest or split is None or not split.logged_as:
        return (metric,)
    return (metric, *(f"{split.logged_as}{separator}{rest}" for separator in SEPARATORS))


def declared(values: Mapping[str, T], splits: Mapping[str, Split]) -> Mapping[str, T]:
    """The same values under the project's names; a metric logged under the project's own name goes first."""
    if not any(split.logged_as for split in splits.values()):
        return values
    renamed = {declared_name(name, splits): value for name, value in values.items()}
    return {**renamed, **{name: value for name, value in values.items() if declared_name(name, splits) == name}}


@final
@dataclass(frozen=True)
class DeclaredCurves:
    """A curve source under the project's names."""

    source: CurveSource
    splits: Mapping[str, Split]

    def metrics(self, trial: str) -> Iterable[str]:
        """Names of a trial's series, as the project calls them."""
        return tuple(dict.fromkeys(declared_name(name, self.splits) for name in self.source.metrics(trial)))

    def curve(self, trial: str, metric: str) -> Curve | None:
        """One series; the first of its possible names that was logged."""
        for name in logged_names(metric, self.splits):
            found = self.source.curve(trial, name)
            if found is not None:
                return found
        return None
