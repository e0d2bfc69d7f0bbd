"""From a point of the unit cube to a configuration.

A hyperparameter with an "off" value beside its range gives the first `off_share` of its
coordinate to "off" and spreads the range over the rest. So a low-discrepancy sequence
tries "off" in that share of its points, evenly, and pays for it with no further dimension.
"""

from __future__ import annotations

from collections.abc import Mapping

from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.space.space import Configuration, Space


def value_at(hyperparameter: Hyperparameter, unit: float, off_share: float) -> Value:
    """The value at a coordinate in [0, 1); below `off_share` it is "off" where there is an "off"."""
    if isinstance(hyperparameter, Categorical) or hyperparameter.off is None:
        return hyperparameter.from_unit(unit)
    if unit < off_share:
        return hyperparameter.off
    return hyperparameter.from_unit((unit - off_share) / (1 - off_share))


def configuration_at(
    space: Space, units: Mapping[str, float], given: Configuration, *, off_share: float
) -> dict[str, Value]:
    """The configuration of a point, with only what exists there.

    units  coordinate by name, of the hyperparameters that are searched
    given  values by name, of those that are not; a name in neither is left out
    """
    made: dict[str, Value] = {}
    for hyperparameter in space:
        name = hyperparameter.name
        if not space.active(hyperparameter, made):
            continue
        if name in given:
            made[name] = given[name]
        elif name in units:
            made[name] = value_at(hyperparameter, units[name], off_share)
    return made
