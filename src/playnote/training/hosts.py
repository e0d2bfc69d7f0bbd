"""The processes of one training run: seeds and shards for each, and what to compare among them.

Every process starts from the same weights and shuffles differently; each reads its own part of the data; batch-norm statistics
and the averaged weights are in step; one process writes. `faults` names what is wrong from facts gathered of each process.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_SAME = 1e-6  # relative difference of a metric before and after a reload that is arithmetic alone


def init_seed(seed: int) -> int:
    """The seed of the weights: the same in every process."""
    return seed


def data_seed(seed: int, rank: int) -> int:
    """The seed of shuffling and augmentation: another in every process, the same at every run; below 2^31."""
    digest = hashlib.sha256(f"data/{seed}/{rank}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def shard(n: int, rank: int, world: int) -> range:
    """Places of the examples that a process reads: disjoint, complete, and as many as any other's, or one more."""
    return range(rank, n, world)


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What one process says of itself. Hashes are of bytes, in any form that compares; None: there is nothing such.

    weights     of the parameters at step 0
    norms       of the batch-norm statistics before an evaluation
    average     of the averaged weights before an evaluation
    ids         examples it read in one epoch, in order; one that it reads twice on purpose is no overlap
    wrote       whether it wrote logs or checkpoints
    reloaded    the metric after a checkpoint was loaded again; `metric` before
    data_seed   of this process's own shuffling and augmentation; None where all shuffle alike and read different shards
    """

    rank: int
    weights: str | None = None
    norms: str | None = None
    average: str | None = None
    ids: Sequence[Any] = ()
    wrote: bool = False
    metric: float | None = None
    reloaded: float | None = None
    data_seed: int | None = None


@dataclass(frozen=True)
class HostReport:
    """The comparison: what is wrong by name, and the numbers that rules read of a "hosts" measurement."""

    faults: tuple[str, ...] = ()
    numbers: Mapping[str, object] = field(default_factory=dict)


def compare_hosts(
    hosts: Sequence[HostFacts], examples: int | None = None, *, sharded: bool = False, dropped: int = 0
) -> HostReport:
    """Compare the processes of a run.

    examples  number of training examples, to see whether some are never read; padding repeats a few at the end of an epoch
    sharded   weights, checkpoints or both are split over the processes on purpose: unequal weights are then no fault
    dropped   examples that an epoch leaves out on purpose (the last, smaller batch): as many may be missing
    """
    world = max(len(hosts), 1)
    readers = Counter(each for host in hosts for each in set(host.ids))
    sizes = [len(host.ids) for host in hosts if host.ids]
    first = {host.rank: tuple(host.ids[: max(1, len(host.ids) // 4)]) for host in hosts if host.ids}
    padding = (world - (examples or 0) % world) % world
    overlap = max(0, sum(readers.values()) - len(readers) - padding)
    seeds = [host.data_seed for host in hosts if host.data_seed is not None]
    numbers: dict[str, object] = {
        "processes": len(hosts),
        "writers": sum(host.wrote for host in hosts),
        "sharded": sharded,
        "parameters_equal": _equal(host.weights for host in hosts),
        "has_statistics": any(host.norms is not None for host in hosts),
        "statistics_equal": _equal(host.norms for host in hosts),
        "has_average": any(host.average is not None for host in hosts),
        "average_equal": _equal(host.average for host in hosts),
        "batches_differ": len(set(first.values())) == len(first) if first else None,
        "seeds_derived": len(set(seeds)) == len(seeds) if seeds else None,
        "overlap": overlap if readers else None,
        "missing": max(0, examples - len(readers) - dropped) if readers and examples is not None else None,
        "largest_over_smallest": max(sizes) / max(min(sizes), 1) if sizes else None,
        "reload_equal": _reloads(hosts),
    }
    return HostReport(faults_in(numbers), {name: value for name, value in numbers.items() if value is not None})


def faults_in(numbers: Mapping[str, object]) -> tuple[str, ...]:
    """What is wrong, by name, in the numbers of a comparison; what was not compared is no fault."""
    writers = numbers.get("writers")
    wrong = {
        "unequal-weights": numbers.get("parameters_equal") is False and not numbers.get("sharded"),
        "unequal-norms": numbers.get("statistics_equal") is False,
        "unequal-average": numbers.get("average_equal") is False,
        "equal-data-seed": numbers.get("batches_differ") is False or numbers.get("seeds_derived") is False,
        "two-writers": isinstance(writers, int) and writers > 1 and not numbers.get("sharded"),
        "overlapping-shards": bool(numbers.get("overlap")),
        "missing-examples": bool(numbers.get("missing")),
        "reload-differs": numbers.get("reload_equal") is False,
    }
    return tuple(name for name, there in wrong.items() if there)


def _equal(values: Iterable[str | None]) -> bool | None:
    """Whether all are equal; one that lacks what others have differs from them. None where nobody has any."""
    found = list(values)
    return None if all(value is None for value in found) else len(set(found)) == 1


def _reloads(hosts: Sequence[HostFacts]) -> bool | None:
    pairs = [(h.metric, h.reloaded) for h in hosts if h.metric is not None and h.reloaded is not None]
    # Devices that add in another order differ in the last digits of single precision.
    return all(math.isclose(one, other, rel_tol=_SAME, abs_tol=1e-12) for one, other in pairs) if pairs else None


def fingerprint(tensors: Iterable[Any]) -> str:
    """A hash of tensors, bytes and all: equal exactly where every value is."""
    digest = hashlib.sha256()
    for tensor in tensors:
        array = tensor.detach().cpu().contiguous()
        digest.update(str((tuple(array.shape), str(array.dtype))).encode())
        digest.update(bytes(array.flatten().view(_bytes_of(array)).numpy().tobytes()))
    return digest.hexdigest()


def _bytes_of(tensor: Any) -> Any:
    import torch

    return torch.uint8 if tensor.numel() else tensor.dtype


def gather(facts: HostFacts) -> list[HostFacts]:
    """The facts of every process, in every process; of this one alone where nothing is distributed."""
    from torch import distributed

    if not distributed.is_available() or not distributed.is_initialized():
        return [facts]
    found: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(found, facts)
    return found
