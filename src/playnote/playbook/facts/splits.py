"""Facts of the splits' latest audit: examples that stand twice, and splits that differ in distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playnote.playbook.facts.base import Provider, of_project
from playnote.records.state import ProjectState


@dataclass(frozen=True, slots=True)
class Shift:
    """Whether two splits differ, and how well a classifier tells them apart."""

    label: str
    auc: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class SplitAudit:
    """The latest audit; empty where there was none.

    across  copies shared by two splits, by the two names; `within` copies inside one
    shifts  by the two names
    """

    audited: bool = False
    across: Mapping[frozenset[str], int] = field(default_factory=dict)
    within: Mapping[str, int] = field(default_factory=dict)
    shifts: Mapping[frozenset[str], Shift] = field(default_factory=dict)

    def leaks(self) -> dict[str, int]:
        """Copies that Train shares with a split that it is judged on."""
        return {
            " & ".join(sorted(pair)): count
            for pair, count in self.across.items()
            if count and "train" in pair and pair & {"dev", "test"}
        }


def split_audit(state: ProjectState) -> SplitAudit:
    """Read the latest audit."""
    events = state.events("splits-audited")
    if not events:
        return SplitAudit()
    data = events[-1].data
    overlap = data.get("overlap")
    overlap = overlap if isinstance(overlap, Mapping) else {}
    shifts = data.get("shifts")
    return SplitAudit(
        True,
        {frozenset(str(pair).split("&")): n for pair, n in _counts(overlap.get("across")).items()},
        _counts(overlap.get("within")),
        {
            frozenset((str(each.get("first")), str(each.get("second")))): _shift(each)
            for each in (shifts if isinstance(shifts, list | tuple) else ())
            if isinstance(each, Mapping)
        },
    )


def _counts(value: object) -> dict[str, int]:
    rows = value.items() if isinstance(value, Mapping) else ()
    return {str(name): count for name, count in rows if isinstance(count, int)}


def _shift(each: Mapping[str, object]) -> Shift:
    auc, interval = each.get("auc"), each.get("interval")
    ends = [float(end) for end in interval] if isinstance(interval, list | tuple) and len(interval) == 2 else None
    return Shift(
        str(each.get("label")),
        float(auc) if isinstance(auc, int | float) else None,
        (ends[0], ends[1]) if ends is not None else None,
    )


PROVIDERS: dict[type, Provider] = {SplitAudit: of_project(lambda giver: split_audit(giver.state))}
