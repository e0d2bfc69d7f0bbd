"""Cutting a data set into Train, Train-Dev, Dev and Test.

Dev and Test are drawn together from what looks like deployment and then parted at random, so that they share one
distribution; the rest is Train; Train-Dev is held out of Train where Train differs. What belongs together (a group, or
equal content) stays together. Where deployment is the future, Dev and Test are the latest.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playnote.errors import InputError
from playnote.records.examples import Examples
from playnote.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How to cut.

    dev, test, train_dev  sizes: a share of all examples below 1, a number of examples from 1 on
    deployment            the source that the model will meet, None where sources are not told apart
    by_time               whether deployment is the future
    """

    dev: float = 0.15
    test: float = 0.15
    train_dev: float = 0.05
    deployment: str | None = None
    by_time: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Rows of each split, in the order of the data, and what is worth knowing about the cut."""

    rows: Mapping[str, tuple[int, ...]]
    notes: tuple[Text, ...] = ()


def make_splits(examples: Examples, wish: Wish) -> Cut:
    """Cut into train, dev and test. The same examples and wish give the same cut.

    Raises InputError where the wishes cannot be met: no source or time recorded, nothing left for a split.
    """
    _possible(examples, wish)
    rng = np.random.default_rng(wish.seed)
    units = _units(examples)
    sizes = [_count(share, len(examples)) for share in (wish.dev, wish.test)]
    deployed = [unit for unit in units if _deployed(examples, unit, wish.deployment)]
    # What is larger than a split cannot be cut evenly: it stays in Train.
    like = [unit for unit in deployed if len(unit) <= min(sizes)]
    notes = _notes(deployed, sizes)
    order = [like[at] for at in rng.permutation(len(like))]
    if wish.by_time and examples.time is not None:
        time = examples.time
        order.sort(key=lambda unit: max(time[row] for row in unit), reverse=True)
    enough = sum(sizes) if sum(len(unit) for unit in like) >= sum(sizes) else math.inf
    drawn = _first(order, enough)
    parted = [drawn[at] for at in rng.permutation(len(drawn))]
    share = sizes[0] / sum(sizes) * sum(len(unit) for unit in drawn)
    dev = _first(parted, share)
    held = {row for unit in drawn for row in unit}
    rows = {
        "train": [row for row in range(len(examples)) if row not in held],
        "dev": [row for unit in dev for row in unit],
        "test": [row for unit in parted[len(dev) :] for row in unit],
    }
    for name, each in rows.items():
        if not each:
            raise InputError(_EMPTY.fill(split=name), fix=_SMALLER)
    return Cut({name: tuple(sorted(each)) for name, each in rows.items()}, notes)


def carve_train_dev(examples: Examples, cut: Cut, wish: Wish) -> Cut:
    """The cut with a Train-Dev held out of Train at random, whole units."""
    rng = np.random.default_rng([wish.seed, 1])
    train = cut.rows["train"]
    units = [[train[row] for row in unit] for unit in _units(examples.take(train))]
    held = _first([units[at] for at in rng.permutation(len(units))], _count(wish.train_dev, len(examples)))
    taken = {row for unit in held for row in unit}
    left = tuple(row for row in train if row not in taken)
    if not left:
        raise InputError(_EMPTY.fill(split="train"), fix=_SMALLER)
    return Cut(
        {"train": left, "train_dev": tuple(sorted(taken)), "dev": cut.rows["dev"], "test": cut.rows["test"]}, cut.notes
    )


def train_differs(examples: Examples, cut: Cut, deployment: str | None) -> bool | None:
    """Whether Train holds another source than deployment; None where sources are not recorded."""
    if examples.source is None or deployment is None:
        return None
    return any(examples.source[row] != deployment for row in cut.rows["train"])


def smallest_gap(n: int, error: float = 0.05) -> float:
    """The difference in error between two sets of n that is seen four times in five, one-sided 5 %, at that error."""
    return 2.49 * math.sqrt(2 * error * (1 - error) / max(n, 1))


def _possible(examples: Examples, wish: Wish) -> None:
    if wish.deployment is not None and examples.source is None:
        raise InputError(_NO_SOURCE, fix=_NAME_SOURCE)
    if wish.deployment is not None and wish.deployment not in (examples.source or ()):
        known = Counter(examples.source or ())
        raise InputError(
            _NO_SUCH.fill(source=repr(wish.deployment)),
            fix=_ONE_OF.fill(known=", ".join(f"{name} ({n})" for name, n in known.most_common(10))),
        )
    if wish.by_time and examples.time is None:
        raise InputError(_NO_TIME, fix=_NAME_TIME)
    if min(wish.dev, wish.test, wish.train_dev) <= 0:
        raise InputError(_POSITIVE, fix=_SMALLER)


def _units(examples: Examples) -> list[list[int]]:
    """Rows that belong together: of one group, or of equal content, or linked by either."""
    parent = list(range(len(examples)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for words in (examples.keys, examples.group):
        seen: dict[str, int] = {}
        for row, word in enumerate(words or ()):
            if word:
                parent[root(row)] = root(seen.setdefault(word, row))
    units: dict[int, list[int]] = {}
    for row in range(len(examples)):
        units.setdefault(root(row), []).append(row)
    return list(units.values())


def _deployed(examples: Examples, unit: Sequence[int], deployment: str | None) -> bool:
    """Whether the whole unit comes from deployment: a mixed one stays in Train."""
    return deployment is None or examples.source is None or all(examples.source[row] == deployment for row in unit)


def _count(share: float, n: int) -> int:
    return max(1, round(share * n)) if share < 1 else int(share)


def _first(units: Sequence[list[int]], enough: float) -> list[list[int]]:
    """The first units that hold that many rows; of the last one, the side that is nearer."""
    taken: list[list[int]] = []
    held = 0
    for unit in units:
        if held + len(unit) / 2 > enough and taken:
            break
        taken.append(unit)
        held += len(unit)
    return taken


def _notes(like: Sequence[Sequence[int]], sizes: Sequence[int]) -> tuple[Text, ...]:
    have, largest = sum(map(len, like)), max(map(len, like), default=0)
    notes = []
    if have < sum(sizes):
        notes.append(_SCARCE.fill(have=have, wanted=sum(sizes)))
    if largest > min(sizes):
        notes.append(_LARGE.fill(n=largest))
    return tuple(notes)


_EMPTY = Text(en="Nothing is left for {split}.", zh="没有样本留给 {split}。")
_SMALLER = Text(
    en="Ask for other sizes: --dev, --test, --train-dev (a share below 1, or a number).",
    zh="换个大小：--dev、--test、--train-dev（小于 1 是比例，否则是个数）。",
)
_NO_SOURCE = Text(en="The data do not say which source an example comes from.", zh="数据里没有写样本来自哪里。")
_NAME_SOURCE = Text(en="Name the column with --source.", zh="用 --source 指出那一列。")
_NO_SUCH = Text(en="No example comes from {source}.", zh="没有样本来自 {source}。")
_ONE_OF = Text(en="Sources in the data: {known}.", zh="数据里的来源：{known}。")
_NO_TIME = Text(en="The data do not say when an example was taken.", zh="数据里没有写样本的时间。")
_NAME_TIME = Text(en="Name the column with --time.", zh="用 --time 指出那一列。")
_POSITIVE = Text(en="A split cannot have the size 0.", zh="划分的大小不能是 0。")
_SCARCE = Text(
    en="Only {have} examples come from deployment, {wanted} were asked for: all of them are in Dev and Test.",
    zh="部署分布的样本只有 {have} 个，要的是 {wanted} 个：全部放进了 Dev 和 Test。",
)
_LARGE = Text(
    en="One group holds {n} examples, more than Dev or Test: it stays in Train.",
    zh="有一组占了 {n} 个样本，比 Dev 或 Test 还大：它留在 Train。",
)
