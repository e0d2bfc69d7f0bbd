"""Measures the procedures on made-up workflows whose answer is known, and writes the table of their error rates.

python -m playnote.testing.procedure_rates                       all, then the page
python -m playnote.testing.procedure_rates --seed 7 --count 100  other workflows, fewer; to the screen alone
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playnote.procedures.measure.batch_compare import batch_size_compare
from playnote.procedures.measure.checkpoint_selection import checkpoint_selection
from playnote.procedures.measure.contract import Found
from playnote.procedures.measure.domain_weights import domain_weights
from playnote.procedures.measure.input_pipeline import input_pipeline
from playnote.procedures.measure.transfer_strategy import transfer_strategy
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.stats.binomial import wilson_interval
from playnote.testing.choice_machines import Path as Along
from playnote.testing.choice_machines import Pipeline, Response, bench_with, flat, rising
from playnote.testing.host_cases import FAULTS, planted, set_up
from playnote.testing.machines import drive
from playnote.training.hosts import compare_hosts

SEED = 40_961
COUNT = 200
PAGE = Path("docs/reference/procedure-rates.md")
_LR = Float(name="lr", low=0.001, high=1.0, scale="log", group="optimizer")
_EFFECT = 0.01


@dataclass(frozen=True)
class Slice:
    """A kind of workflow: what it is, the answer that is right, the one that would be a false alarm (or ""), and one run."""

    procedure: str
    truth: str
    right: str
    wrong: tuple[str, ...]
    run: Callable[[int], str]


def slices() -> Iterator[Slice]:
    """Every kind of workflow, by procedure."""
    yield Slice("hosts", "clean set-ups, 2 to 16 processes, five ways of reading", "silent", ("named",), _clean_hosts)
    for fault in FAULTS:
        yield Slice("hosts", f"planted: {fault}", "named", ("silent",), _faulty(fault))
    yield from _input_slices()
    yield from _selection_slices()
    yield from _size_slices()
    yield from _rung_slices()
    yield from _weight_slices()


def _clean_hosts(seed: int) -> str:
    case = set_up(seed)
    report = compare_hosts(case.hosts, case.examples, sharded=case.sharded, dropped=case.dropped)
    return "named" if report.faults else "silent"


def _faulty(fault: str) -> Callable[[int], str]:
    def run(seed: int) -> str:
        case = planted(set_up(seed), fault, seed)
        report = compare_hosts(case.hosts, case.examples, sharded=case.sharded, dropped=case.dropped)
        return "named" if fault in report.faults else "silent"

    return run


def _input_slices() -> Iterator[Slice]:
    space = (_LR, Integer(name="workers", low=0, high=8), Categorical(name="cached_data", choices=(False, True)))
    baseline = {"lr": 0.1, "workers": 0, "cached_data": False}

    def timed(gap: float) -> Callable[[int], str]:
        def run(seed: int) -> str:
            rng = np.random.default_rng(seed)
            jitter = float(rng.choice([0.005, 0.01, 0.02, 0.04]))
            machine = Pipeline(load=0.01 * gap / (1 - gap), jitter=jitter, salt=seed)
            return _outcome(drive(input_pipeline(bench_with(space, baseline)), machine)[0])

        return run

    for gap in (0.0, 0.05):
        yield Slice("input", f"{gap:.0%} slower than with cached data", "saturated", ("bottleneck",), timed(gap))
    for gap in (0.15, 0.25, 0.5):
        yield Slice("input", f"{gap:.0%} slower than with cached data", "bottleneck", ("saturated",), timed(gap))


def _selection_slices() -> Iterator[Slice]:
    def chosen(rise: float, runs: int, rho: float) -> Callable[[int], str]:
        def run(seed: int) -> str:
            machine = Along(rising(rise) if rise else flat, noise=0.004, rho=rho, salt=seed)
            bench = bench_with((_LR,), {"lr": 0.1}, options={"seeds": runs}, min_effect=_EFFECT)
            return drive(checkpoint_selection(bench), machine)[0].label

        return run

    for runs in (3, 5):
        for rho in (0.0, 0.6):
            name = f"{runs} runs, correlation of readings {rho:g}"
            yield Slice("checkpoint-selection", f"plateau, {name}", "no", ("yes",), chosen(0.0, runs, rho))
            yield Slice(
                "checkpoint-selection", f"the end 3 x min_effect worse, {name}", "yes", ("no",), chosen(0.03, runs, rho)
            )


def _size_slices() -> Iterator[Slice]:
    space = (_LR, Integer(name="batch_size", low=8, high=512, scale="log"))
    baseline = {"lr": 0.1, "batch_size": 32}

    def compared(floor: float, optimum: float, noise: float = 0.004) -> Callable[[int], str]:
        def run(seed: int) -> str:
            machine = Response("batch_size", {32: 0.1, 128: floor}, optima={128: optimum}, noise=noise, salt=seed)
            return _outcome(drive(batch_size_compare(bench_with(space, baseline, min_effect=_EFFECT)), machine)[0])

        return run

    name = "batch-size-compare"
    for noise in (0.002, 0.004):
        told = f"no difference, optima a factor of 4 apart, seed noise {noise / _EFFECT:g} x min_effect"
        yield Slice(name, told, "no-difference", ("difference",), compared(0.1, 0.4, noise))
    yield Slice(
        name, "one size's range of rates cut tenfold", "unfair", ("difference", "no-difference"), compared(0.1, 10.0)
    )
    yield Slice(name, "a real difference of 4 x min_effect", "difference", ("no-difference",), compared(0.14, 0.4))


def _rung_slices() -> Iterator[Slice]:
    rungs = Categorical(name="transfer", choices=("head", "partial", "full", "scratch"))

    def transferred(floors: dict[str, float]) -> Callable[[int], str]:
        def run(seed: int) -> str:
            machine = Response("transfer", floors, optima={"head": 0.3, "full": 0.02}, noise=0.004, salt=seed)
            bench = bench_with((_LR, rungs), {"lr": 0.1, "transfer": "scratch"}, min_effect=_EFFECT)
            return str(drive(transfer_strategy(bench), machine)[0].results[0][1]["best"] or "open")

        return run

    name = "transfer-strategy"
    yield Slice(
        name,
        "the head suffices (as good as more, 5 x min_effect better than scratch)",
        "head",
        ("scratch",),
        transferred({"head": 0.1, "partial": 0.1, "full": 0.1, "scratch": 0.15}),
    )
    yield Slice(
        name,
        "all of it is 4 x min_effect better than the rest",
        "full",
        ("head", "scratch", "partial"),
        transferred({"head": 0.2, "partial": 0.16, "full": 0.12, "scratch": 0.2}),
    )
    yield Slice(
        name,
        "scratch is 4 x min_effect better (negative transfer)",
        "scratch",
        ("head", "partial", "full"),
        transferred({"head": 0.2, "partial": 0.2, "full": 0.18, "scratch": 0.14}),
    )


def _weight_slices() -> Iterator[Slice]:
    def weighted(gain: float, noise: float = 0.004) -> Callable[[int], str]:
        def run(seed: int) -> str:
            floors = {0.0: 0.1, 0.5: 0.1 - gain, 1.0: 0.1 - gain / 2}
            machine = Response("domain_weight", floors, noise=noise, salt=seed)
            bench = bench_with(
                (_LR, Float(name="domain_weight", low=0.0, high=1.0)),
                {"lr": 0.1, "domain_weight": 0.0},
                min_effect=_EFFECT,
            )
            return drive(domain_weights(bench), machine)[0].label

        return run

    for noise in (0.002, 0.004):
        told = f"no gain, seed noise {noise / _EFFECT:g} x min_effect"
        yield Slice("domain-weights", told, "no", ("yes",), weighted(0.0, noise))
    yield Slice("domain-weights", "a gain of 4 x min_effect", "yes", ("no",), weighted(0.04))


def _outcome(found: Found) -> str:
    return str(found.results[0][1]["outcome"])


def measure(one: Slice, seed: int, count: int) -> Counter[str]:
    """Answers by name over `count` workflows."""
    rng = np.random.default_rng((seed, sum(map(ord, one.procedure + one.truth))))
    return Counter(one.run(int(each)) for each in rng.integers(0, 2**31, size=count))


def rows(seed: int, count: int) -> Iterator[str]:
    """The table, line by line."""
    yield "| procedure | workflow | n | right | false | cannot tell |"
    yield "|---|---|---|---|---|---|"
    for one in slices():
        found = measure(one, seed, count)
        false = sum(found[each] for each in one.wrong)
        yield (
            f"| {one.procedure} | {one.truth} | {count} | {_share(found[one.right], count)} `{one.right}` | "
            f"{_share(false, count)} | {_share(count - found[one.right] - false, count)} |"
        )


def _share(k: int, n: int) -> str:
    low, high = wilson_interval(k, n, 0.95)
    return f"{k / n:.1%} ({low:.1%} to {high:.1%})"


def page(seed: int, count: int) -> str:
    """The page."""
    return "\n".join([_HEAD.format(seed=seed), *rows(seed, count), ""])


_HEAD = """# Error rates of the procedures

Each procedure answered made-up workflows whose answer is known (`playnote.testing.choice_machines`, `host_cases`). In brackets
95 % intervals (Wilson). "False": an answer that contradicts the truth; "cannot tell" is none. Stream {seed}, on
which no cut-off was chosen. Noise of one run is 0.4 x `min_effect` unless it is said; drift between processes 0.5 to 4 % of a step.

An overlap of fewer examples than there are processes can hide behind padding at the end of an epoch.

<!-- Written by `python -m playnote.testing.procedure_rates`; do not edit. -->
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; with a seed or a count of one's own it prints, and leaves the page."""
    parser = argparse.ArgumentParser(prog="python -m playnote.testing.procedure_rates")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--count", type=int)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args(arguments)
    if asked.seed is None and asked.count is None:
        asked.page.write_text(page(SEED, COUNT), encoding="utf-8")
        return 0
    for line in rows(asked.seed or SEED, asked.count or COUNT):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
