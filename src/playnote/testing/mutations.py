"""Cases gone wrong on their way: what a judge must survive with "unknown" or one clear error."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from playnote.testing.known import Case

STRANGE: tuple[Any, ...] = (
    None, float("nan"), float("inf"), float("-inf"), 1e300, -1e300, 5e-324, 0, -1, "", "text", [], {}, True, [[]],
)  # fmt: skip


def mutated(case: Case, rng: np.random.Generator) -> Case:
    """The case with one to three things broken: a value replaced, a key dropped, a list emptied or doubled."""
    out = copy.deepcopy(case)
    for _ in range(int(rng.integers(1, 4))):
        places = list(_places(out))
        if not places:
            break
        holder, key = places[int(rng.integers(len(places)))]
        _break(holder, key, rng)
    return out


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) of the case; long lists are entered at three places only."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for index in {0, len(node) // 2, len(node) - 1} if node else ():
            yield node, index
            yield from _places(node[index])


def _break(holder: Any, key: Any, rng: np.random.Generator) -> None:
    value, pick = holder[key], rng.random()
    if isinstance(value, list) and pick < 0.6:
        changed = ([], value[:1], value + value, value[::-1], value[:-1])[int(rng.integers(5))]
        holder[key] = copy.deepcopy(changed)
    elif pick < 0.3:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(STRANGE[int(rng.integers(len(STRANGE)))])
