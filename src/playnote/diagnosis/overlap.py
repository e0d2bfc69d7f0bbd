"""Which examples stand twice, within a split or in two of them?

Equal content by hash, over all examples. Near copies where that is cheap: texts by the share of their passages of five
words (MinHash, candidates from equal bands, then the exact share), numbers and small pictures by a distance far below the
usual one to the nearest neighbour: with few columns that happens by chance, so there it is not looked at. Near copies are
looked for between splits only, where they leak.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import final

import numpy as np
from numpy.typing import NDArray

from playnote.records.examples import Examples
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.features import small_pictures
from playnote.text import Text

_WORDS, _HASHES, _BAND = 5, 64, 4
_PRIME = (1 << 31) - 1
_MOST = 20_000
_CHUNK = 512
_COLUMNS = 4  # chance brings 1 in 20^d examples within a twentieth of the usual distance
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OverlapFacts:
    """Copies.

    n       examples by split
    within  by split: examples that repeat the content of an earlier one of the same split
    across  by pair of splits: (id in the one, id in the other) of equal content
    near    by pair of splits: likewise, nearly equal content; None where that was not looked at
    """

    n: Mapping[str, int]
    within: Mapping[str, tuple[str, ...]]
    across: Mapping[Pair, tuple[Pair, ...]]
    near: Mapping[Pair, tuple[Pair, ...]] | None = None


@final
@dataclass(frozen=True, kw_only=True)
class OverlapFinding(Finding):
    """Yes: an example stands in two splits. Estimate: the share of the smaller splits' examples that does."""


def measure_overlap(splits: Mapping[str, Examples], settings: Settings = DEFAULTS) -> OverlapFacts:
    """Look for copies in and between the splits."""
    within = {name: _repeats(each) for name, each in splits.items()}
    across: dict[Pair, tuple[Pair, ...]] = {}
    near: dict[Pair, tuple[Pair, ...]] = {}
    looked = all(each.visible and len(each) <= _MOST for each in splits.values())
    for first, second in combinations(splits, 2):
        pairs = _equal(splits[first], splits[second])
        across[first, second] = pairs
        found = _near(splits[first], splits[second], settings) if looked else None
        looked = found is not None
        copies = {name for _, name in pairs}
        near[first, second] = tuple(pair for pair in found or () if pair[1] not in copies)
    return OverlapFacts({n: len(e) for n, e in splits.items()}, within, across, near if looked else None)


def _repeats(examples: Examples) -> tuple[str, ...]:
    seen: set[str] = set()
    twice = []
    for name, key in zip(examples.ids, examples.keys, strict=True):
        if key in seen:
            twice.append(name)
        seen.add(key)
    return tuple(twice)


def _equal(first: Examples, second: Examples) -> tuple[Pair, ...]:
    """One pair for every example of the second that the first holds too."""
    at: dict[str, str] = {}
    for name, key in zip(first.ids, first.keys, strict=True):
        at.setdefault(key, name)
    return tuple((at[key], name) for name, key in zip(second.ids, second.keys, strict=True) if key in at)


def _near(first: Examples, second: Examples, settings: Settings) -> list[Pair] | None:
    """Near copies, None where their kind cannot be told from chance."""
    if first.texts is not None and second.texts is not None:
        found = _near_texts(first.texts, second.texts, settings["overlap.near"])
    elif first.images is not None and second.images is not None:
        found = _near_rows(small_pictures(first.images), small_pictures(second.images), settings["overlap.distance"])
    elif first.numbers is not None and second.numbers is not None and first.names == second.names:
        if np.sum(np.nanstd(first.numbers, axis=0) > 0) < _COLUMNS:
            return None
        found = _near_rows(first.numbers, second.numbers, settings["overlap.distance"])
    else:
        return None
    return [(first.ids[a], second.ids[b]) for a, b in found]


def _near_texts(first: Sequence[str], second: Sequence[str], least: float) -> list[tuple[int, int]]:
    """Pairs of texts that share at least that part of their passages (Broder 1997)."""
    rng = np.random.default_rng(0)
    turns = rng.integers(1, _PRIME, _HASHES), rng.integers(0, _PRIME, _HASHES)
    passages = [[_passages(text) for text in texts] for texts in (first, second)]
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for row, held in enumerate(passages[0]):
        for band in _bands(held, turns):
            bands[band].append(row)
    found = set()
    for row, held in enumerate(passages[1]):
        for other in {other for band in _bands(held, turns) for other in bands.get(band, ())}:
            mine, theirs = set(held.tolist()), set(passages[0][other].tolist())
            if len(mine & theirs) >= least * len(mine | theirs):
                found.add((other, row))
    return sorted(found)


def _passages(text: str) -> NDArray[np.int64]:
    """Hashes of every five words in a row; of a text without five words, of the whole."""
    words = text.casefold().split()
    runs = [" ".join(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1))]
    return np.unique(np.array([zlib.crc32(run.encode()) % _PRIME for run in runs], dtype=np.int64))


def _bands(passages: NDArray[np.int64], turns: tuple[NDArray[np.int64], NDArray[np.int64]]) -> list[tuple[int, bytes]]:
    least = np.full(_HASHES, _PRIME, dtype=np.int64)
    for part in np.array_split(passages, len(passages) // _CHUNK + 1):
        least = np.minimum(least, ((part[:, None] * turns[0] + turns[1]) % _PRIME).min(axis=0))
    return [(at, least[at : at + _BAND].tobytes()) for at in range(0, _HASHES, _BAND)]


def _near_rows(first: NDArray[np.float64], second: NDArray[np.float64], most: float) -> list[tuple[int, int]]:
    """For rows of the second, the nearest of the first, where it is nearer than that part of the usual distance."""
    both = np.nan_to_num(np.vstack([first, second]))
    spread = both.std(axis=0)
    both = ((both - both.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).astype(np.float32)
    a, b = both[: len(first)], both[len(first) :]
    size = np.sum(a**2, axis=1)
    place, gap = np.zeros(len(b), dtype=np.int64), np.zeros(len(b))
    for start in range(0, len(b), _CHUNK):
        part = b[start : start + _CHUNK]
        squares = size[:, None] + np.sum(part**2, axis=1) - 2 * a @ part.T
        place[start : start + _CHUNK] = squares.argmin(axis=0)
        gap[start : start + _CHUNK] = squares.min(axis=0)
    usual = gap[gap > 1e-4 * both.shape[1]]
    limit = most**2 * float(np.median(usual)) if len(usual) else 0.0
    return [(int(place[row]), int(row)) for row in np.flatnonzero(gap <= limit)]


def answer_overlap(
    facts: OverlapFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> OverlapFinding:
    """Yes where content stands in two splits; no where none does, near copies looked for; else unknown."""
    equal = sum(len(pairs) for pairs in facts.across.values())
    near = sum(len(pairs) for pairs in (facts.near or {}).values())
    smaller = sum(min(facts.n[a], facts.n[b]) for a, b in facts.across)
    return OverlapFinding(
        label="yes" if equal or near else "unknown" if facts.near is None else "no",
        estimate=(equal + near) / smaller if smaller else None,
        n=tuple(facts.n.values()),
        thresholds=settings.thresholds("overlap.near", "overlap.distance"),
        missing=(_NOT_LOOKED,) if facts.near is None and not equal else (),
        settles=(Settle(_SHOW, 0),) if facts.near is None and not equal else (),
        target=target or {},
        note=_COUNTS.fill(equal=equal, near=near) if equal or near else None,
    )


_COUNTS = Text(
    en="{equal} examples stand in two splits, {near} more nearly so.",
    zh="{equal} 个样本同时在两个划分里，另有 {near} 个几乎相同。",
)
_NOT_LOOKED = Text(
    en="Equal content was looked for, near copies were not.", zh="只查了内容完全相同的，没查几乎相同的。"
)
_SHOW = Text(en="Audit with text, numbers or pictures of the examples.", zh="审计时给出样本的文字、数值或图片。")
