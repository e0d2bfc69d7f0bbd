"""Made-up distributed set-ups: clean ones of many kinds, and each fault planted in one process or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from playnote.training.hosts import HostFacts, data_seed, shard

FAULTS = (
    "unequal-weights",
    "unequal-norms",
    "unequal-average",
    "equal-data-seed",
    "two-writers",
    "overlapping-shards",
    "missing-examples",
    "reload-differs",
)
KINDS = ("strided", "blocks", "padded", "dropped", "repeated")


@dataclass(frozen=True)
class SetUp:
    """A run's processes, how many training examples there are, and what is as it is on purpose."""

    hosts: tuple[HostFacts, ...]
    examples: int
    sharded: bool = False
    dropped: int = 0


def set_up(seed: int, *, world: int | None = None, kind: str | None = None) -> SetUp:
    """A clean set-up of 2 to 16 processes: with or without batch norm, averages and reloads, read in one of five ways.

    strided   every process reads and shuffles its own places        blocks    contiguous shards
    padded    all shuffle alike and read in turns; the end is padded  dropped   the same, the end left out
    repeated  own places, some examples twice (rare classes)
    """
    rng = np.random.default_rng(seed)
    world = world or int(rng.integers(2, 17))
    kind = kind or str(rng.choice(KINDS))
    examples = int(rng.integers(8 * world, 400 + 8 * world))
    read, dropped = _read(kind, examples, world, rng)
    norms, average, reloads = rng.random(3) < 0.7
    sharded = bool(rng.random() < 0.15)
    hosts = tuple(
        HostFacts(
            rank=rank,
            weights=f"w{rank}" if sharded else "w",
            norms="n" if norms else None,
            average="a" if average else None,
            ids=read[rank],
            wrote=sharded or rank == 0,
            metric=0.25,
            # adding in another order moves the last digits
            reloaded=0.25 * (1.0 + float(rng.normal(0, 2e-8))) if reloads else None,
            data_seed=None if kind in ("padded", "dropped") else data_seed(seed, rank),
        )
        for rank in range(world)
    )
    return SetUp(hosts, examples, sharded, dropped)


def _read(kind: str, n: int, world: int, rng: np.random.Generator) -> tuple[list[list[int]], int]:
    """What every process reads in order, and how many examples are left out on purpose."""
    if kind in ("padded", "dropped"):
        order = rng.permutation(n).tolist()
        over = n % world
        if kind == "padded":
            order += order[: (world - over) % world]
        elif over:
            order = order[:-over]
        return [order[rank::world] for rank in range(world)], over if kind == "dropped" else 0
    if kind == "blocks":
        parts = [part.tolist() for part in np.array_split(np.arange(n), world)]
    else:
        parts = [list(shard(n, rank, world)) for rank in range(world)]
    if kind == "repeated":
        parts = [part + part[:3] for part in parts]
    return [[part[at] for at in rng.permutation(len(part))] for part in parts], 0


def planted(clean: SetUp, fault: str, seed: int) -> SetUp:
    """The same set-up with one fault, in one process or more; what has to be there for it is put there first."""
    rng = np.random.default_rng((seed, FAULTS.index(fault)))
    whole = [replace(h, norms="n", average="a", reloaded=0.25, weights="w", wrote=h.rank == 0) for h in clean.hosts]
    world = len(whole)
    hit = sorted(rng.choice(np.arange(1, world), size=int(rng.integers(1, world)), replace=False).tolist())
    if fault in ("overlapping-shards", "missing-examples"):
        hosts = _reading(whole, fault, hit, clean.examples, rng)
    else:
        hosts = [_changed(h, fault, whole[0]) if h.rank in hit else h for h in whole]
    if fault == "equal-data-seed":
        hosts[0] = replace(hosts[0], data_seed=hosts[hit[0]].data_seed)
    return SetUp(tuple(hosts), clean.examples, False, clean.dropped)


def _changed(host: HostFacts, fault: str, first: HostFacts) -> HostFacts:
    if fault == "unequal-weights":
        return replace(host, weights=f"other{host.rank}")
    if fault == "unequal-norms":
        return replace(host, norms=f"other{host.rank}")
    if fault == "unequal-average":
        return replace(host, average=None)
    if fault == "two-writers":
        return replace(host, wrote=True)
    if fault == "reload-differs":
        return replace(host, reloaded=0.2503)
    # the same stream in several processes, or (where all shuffle alike on purpose) the same examples
    return replace(host, data_seed=7) if host.data_seed is not None else replace(host, ids=first.ids)


def _reading(
    hosts: Sequence[HostFacts], fault: str, hit: Sequence[int], examples: int, rng: np.random.Generator
) -> list[HostFacts]:
    """A process that also reads some of its neighbour's examples, or that leaves some of its own."""
    out = list(hosts)
    count = max(len(hosts), examples // 20)  # more than padding may repeat
    for rank in hit:
        own, other = list(out[rank].ids), list(hosts[rank - 1].ids)
        if fault == "overlapping-shards":
            out[rank] = replace(out[rank], ids=own + [each for each in other[: 2 * count] if each not in own][:count])
        else:
            out[rank] = replace(out[rank], ids=_without(own, max(2, len(own) // 10), rng))
    return out


def _without(ids: list[int], count: int, rng: np.random.Generator) -> list[int]:
    gone = set(rng.choice(sorted(set(ids)), size=min(count, len(set(ids)) - 1), replace=False).tolist())
    return [each for each in ids if each not in gone]
