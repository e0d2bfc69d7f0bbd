"""How long training waits for its data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def timed(loader: Iterable[Any], put: Callable[[dict[str, object]], None]) -> Iterator[Any]:
    """Yield what the loader yields; at the end, or when the loop is left, record seconds waited and seconds in all.

    The first batch is counted apart: starting a loader's workers is not what a step waits for.
    """
    begun = now = time.perf_counter()
    first: float | None = None
    waited, steps = 0.0, 0
    try:
        for batch in loader:
            wait = time.perf_counter() - now
            if first is None:
                first, begun = wait, now + wait
            else:
                waited += wait
            steps += 1
            yield batch
            now = time.perf_counter()
    finally:
        total = time.perf_counter() - begun
        put({"kind": "input", "steps": steps, "first": first, "waited": waited, "seconds": total})
