"""Fits the laws behind the boundary, inert and divergence-edge verdicts anew, and writes them down with their origin.

    python -m playnote.testing.fit               the laws, on standard output (about ten minutes on one core)
    python -m playnote.testing.fit --write       into diagnosis/study_laws.py

The cases are those of the boundary question on a stream of their own, and as many again half of families that no
table is counted on, so that a law does not lean on the shapes it is judged by. What the laws read is what
`measure_x` puts into `facts.views`. Cut-offs are settings, chosen by hand from the tables that this prints.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from playnote.diagnosis import study_laws
from playnote.diagnosis.boundary import measure_boundary
from playnote.diagnosis.divergence_edge import measure_divergence_edge
from playnote.diagnosis.inert import measure_inert
from playnote.records.settings import DEFAULTS
from playnote.service.exchange_case import metric_of
from playnote.service.judge_study import table_of
from playnote.stats.logistic_law import Law, fit_law, merged_above
from playnote.testing import catalog
from playnote.testing.known import Floats, KnownCase, Truth
from playnote.testing.responses import FURTHER_FAMILIES
from playnote.testing.search_cases import BANDS, FAILURE_SHARES, SAMPLERS, search_case

SEED = 7_001
COUNTS = (3_840, 1_920)
"""Cases of the published families, and of the further ones."""

LAWS = {"boundary_too_narrow": "BOUNDARY", "hp_inert": "INERT", "lr_at_divergence_edge": "EDGE"}
CUTS = {"boundary_too_narrow": "boundary.yes", "hp_inert": "inert.yes", "lr_at_divergence_edge": "edge.yes"}
LEAST = {
    "boundary_too_narrow": "boundary.trials",
    "hp_inert": "inert.trials_no",
    "lr_at_divergence_edge": "edge.trials",
}
PLACE = Path(study_laws.__file__)


@dataclass(slots=True)
class Sample:
    """What one law is fitted on: the views of each answer, and whether the event holds."""

    views: list[Mapping[str, float]] = field(default_factory=list)
    event: list[bool] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    asked = _parser().parse_args(arguments)
    counts = (asked.count, asked.further)
    laws = fit_laws(samples(cases(asked.seed, *counts)))
    text = as_module(laws, asked.seed, counts)
    (PLACE.write_text(text, encoding="utf-8") if asked.write else sys.stdout.write(text))
    return 0


def cases(seed: int, count: int, further: int) -> Iterator[KnownCase]:
    """The stream the laws are fitted on; the same seed gives the same cases."""
    return chain(catalog.stream("boundary", seed, 0, count), (further_case(seed + 1, k) for k in range(further)))


def further_case(seed: int, index: int) -> KnownCase:
    """One search of a family that no table is counted on."""
    return search_case(
        np.random.default_rng([seed, index]),
        band=tuple(BANDS)[(index // 4) % 4],
        sampler=SAMPLERS[index % 4],
        failures=FAILURE_SHARES[(index // 16) % 3],
        families=FURTHER_FAMILIES,
    )


def samples(known_cases: Iterable[KnownCase]) -> dict[str, Sample]:
    """The views of every answer that a law decides."""
    found: dict[str, Sample] = defaultdict(Sample)
    for known in known_cases:
        for truth in known.truths:
            if truth.verdict in LAWS and truth.value is not None:
                n, views = measured(known, truth)
                if views and n >= DEFAULTS[LEAST[truth.verdict]]:
                    found[truth.verdict].views.append(views)
                    found[truth.verdict].event.append(truth.value)
    return dict(found)


def measured(known: KnownCase, truth: Truth) -> tuple[int, Mapping[str, float]]:
    """Feasible trials behind one answer and what its law reads; empty where the law is not asked."""
    study = known.case["study"]
    table, effect, target = table_of(study), metric_of(study).min_effect, dict(truth.target)
    if table is None:
        return 0, {}
    with np.errstate(all="ignore"):
        if truth.verdict == "boundary_too_narrow":
            side = measure_boundary(table, target["param"], target["side"], min_effect=effect)
            return side.n, side.views
        if truth.verdict == "hp_inert":
            reach = measure_inert(table, target["param"], min_effect=effect)
            return reach.n, reach.views
        edge = measure_divergence_edge(table, target["param"])
        return edge.n if edge.diverged >= DEFAULTS["edge.diverged"] else 0, edge.views


def fit_laws(found: Mapping[str, Sample]) -> dict[str, Law]:
    """One law a verdict. Answers around the cut-off of a "yes" are merged where the event holds in fewer than half."""
    laws = {}
    for verdict, sample in found.items():
        event = np.array(sample.event)
        law = fit_law(sample.views, event)
        p: Floats = np.array([law.p(views) for views in sample.views])
        laws[verdict] = replace(law, merged=merged_above(p, event, DEFAULTS[CUTS[verdict]]))
    return laws


def as_module(laws: Mapping[str, Law], seed: int, counts: tuple[int, int]) -> str:
    """The laws as the module `diagnosis/study_laws.py`."""
    lines = [
        '"""The laws that join the views of a question about a study into one probability.',
        "",
        f"Written by `python -m playnote.testing.fit --write`: fitted on {counts[0]:,} made-up studies of the families",
        f"that the tables of error rates are counted on (seed {seed}) and {counts[1]:,} of further families (seed",
        f"{seed + 1}), four samplers, 6 to 200 trials, 0, 3 or 35 % of unrelated failures. The tables are counted on",
        "another seed. What each name means stands where it is measured: `views_of_side` in `boundary.py`,",
        "`views_of_reach` in `inert.py`, `views_of_edge` in `divergence_edge.py`.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from playnote.stats.logistic_law import Law",
    ]
    for verdict, name in LAWS.items():
        lines += ["", *_law_lines(name, laws[verdict])]
    return "\n".join(lines) + "\n"


def _law_lines(name: str, law: Law) -> Iterator[str]:
    yield f"{name} = Law("
    yield f"    level={law.level:.4f},"
    yield "    weights={"
    for view, weight in law.weights.items():
        yield f'        "{view}": {weight:.4f},'
    yield "    },"
    if law.merged is not None:
        yield f"    merged=({', '.join(f'{each:.4f}' for each in law.merged)}),"
    yield ")"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m playnote.testing.fit")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNTS[0], help="cases of the published families")
    parser.add_argument("--further", type=int, default=COUNTS[1], help="cases of further families")
    parser.add_argument("--write", action="store_true", help="into diagnosis/study_laws.py instead of standard output")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
