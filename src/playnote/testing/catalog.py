"""Which made-up cases are drawn for each task: one endless, reproducible stream per task."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from playnote.testing import adoption_cases, curve_cases, gap_cases, search_cases, stability_cases
from playnote.testing.known import KnownCase

TASKS = ("adoption", "boundary", "curve", "stability", "gaps")


def draw(task: str, seed: int, index: int, *, adaptive: bool = True) -> KnownCase:
    """Case number `index` of a task's stream; the same numbers give the same case, in any order.

    `adaptive=False` leaves out the samplers that need Optuna.
    """
    rng = np.random.default_rng([seed, TASKS.index(task), index])
    return _DRAWS[task](rng, index, adaptive)


def stream(task: str, seed: int, start: int, count: int, *, adaptive: bool = True) -> Iterator[KnownCase]:
    """Cases `start` to `start + count - 1` of a task."""
    for index in range(start, start + count):
        yield draw(task, seed, index, adaptive=adaptive)


def exact_null(kind: str, seed: int, index: int) -> KnownCase:
    """One adoption case of a kind in which adopting is always wrong."""
    kinds = tuple(adoption_cases.KINDS)
    return adoption_cases.KINDS[kind](np.random.default_rng([seed, 77, kinds.index(kind), index]), True)


def _adoption(rng: np.random.Generator, index: int, adaptive: bool) -> KnownCase:
    kinds = tuple(adoption_cases.KINDS.values())
    return kinds[index % len(kinds)](rng, None)


def _boundary(rng: np.random.Generator, index: int, adaptive: bool) -> KnownCase:
    if index % 20 == 19:
        return search_cases.undecidable_search(rng)
    samplers = search_cases.SAMPLERS if adaptive else search_cases.SAMPLERS[:2]
    sampler = samplers[index % len(samplers)]
    band = tuple(search_cases.BANDS)[(index // 4) % 4]
    failures = search_cases.FAILURE_SHARES[(index // 16) % 3]
    return search_cases.search_case(rng, band=band, sampler=sampler, failures=failures)


def _curve(rng: np.random.Generator, index: int, adaptive: bool) -> KnownCase:
    kinds = ("ordinary", "ordinary", "overfit", "overfit", "overfit", *curve_cases.KINDS[2:])
    return curve_cases.curve_case(rng, kind=kinds[index % len(kinds)])


def _stability(rng: np.random.Generator, index: int, adaptive: bool) -> KnownCase:
    kinds = (*stability_cases.SICK, *stability_cases.HEALTHY, *stability_cases.UNDECIDABLE)
    norms = stability_cases.NORMS[(index // len(kinds)) % len(stability_cases.NORMS)]
    return stability_cases.stability_case(rng, kind=kinds[index % len(kinds)], norms=norms)


def _gaps(rng: np.random.Generator, index: int, adaptive: bool) -> KnownCase:
    return gap_cases.gap_case(rng, kind=gap_cases.KINDS[index % len(gap_cases.KINDS)])


_DRAWS: dict[str, Callable[[np.random.Generator, int, bool], KnownCase]] = {
    "adoption": _adoption,
    "boundary": _boundary,
    "curve": _curve,
    "stability": _stability,
    "gaps": _gaps,
}
