"""Facts of a trial: small things worth remembering, written the moment they are set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import final


@final
class Facts(MutableMapping[str, object]):
    """A mapping of names to plain JSON values; the last value of a name counts."""

    def __init__(self, put: Callable[[dict[str, object]], None]) -> None:
        self._put = put
        self._values: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._values[name] = value
        self._put({"kind": "fact", "name": str(name), "value": value})

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._put({"kind": "fact", "name": str(name), "value": None})

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
