"""Error counts on the five splits with planted gaps, and the traps that leave a gap undecided."""

from __future__ import annotations

import numpy as np

from playnote.testing.known import Case, Floats, KnownCase, Truth

KINDS = ("complete", "same-distribution", "no-human", "no-train-dev", "no-test", "training-mode")
GAPS = {
    "high_bias": ("human", "train"),
    "high_variance": ("train", "train_dev"),
    "data_mismatch": ("train_dev", "dev"),
    "dev_overfit": ("dev", "test"),
}
SIZES = {
    "human": (200, 2_000),
    "train": (5_000, 50_000),
    "train_dev": (1_000, 10_000),
    "dev": (1_000, 20_000),
    "test": (1_000, 20_000),
}
ORACLE_DRAWS = 2_000


def gap_case(rng: np.random.Generator, *, kind: str = "complete") -> KnownCase:
    """One ladder of splits; each gap is absent or 1.3 to 4 times the smallest effect that matters."""
    smallest = float(rng.choice([0.005, 0.01, 0.02, 0.04]))
    level = float(rng.uniform(0.005, 0.15))
    rates, gaps = {"human": level}, {}
    for verdict, (lower, upper) in GAPS.items():
        ratio = rng.uniform(1.3, 4.0) if rng.random() < 0.4 else rng.uniform(-0.1, 0.6)
        if kind == "same-distribution" and verdict == "data_mismatch":
            ratio = 0.0
        gaps[verdict] = float(smallest * ratio)
        rates[upper] = float(np.clip(rates[lower] + gaps[verdict], 0.001, 0.9))
    splits = {name: _count(rng, rate, SIZES[name]) for name, rate in rates.items()}
    gaps = {verdict: rates[upper] - rates[lower] for verdict, (lower, upper) in GAPS.items()}
    truths = tuple(Truth(verdict, (), *_truth(rng, verdict, gaps, splits, smallest, kind)) for verdict in GAPS)
    return KnownCase(_case(rng, splits, smallest, kind), kind, truths, {"min_effect": smallest})


def _truth(
    rng: np.random.Generator, verdict: str, gaps: dict[str, float], splits: Case, smallest: float, kind: str
) -> tuple[bool | None, float | None]:
    if verdict in _undecided(kind):
        return None, None
    lower, upper = (splits[name] for name in GAPS[verdict])
    difference = _posterior(rng, upper) - _posterior(rng, lower)
    return gaps[verdict] >= smallest, float(np.mean(difference >= smallest))


def _undecided(kind: str) -> frozenset[str]:
    return {
        "no-human": frozenset({"high_bias"}),
        "no-train-dev": frozenset({"high_variance", "data_mismatch"}),
        "no-test": frozenset({"dev_overfit"}),
        "training-mode": frozenset({"high_bias", "high_variance"}),
    }.get(kind, frozenset())


def _count(rng: np.random.Generator, rate: float, size: tuple[int, int]) -> Case:
    n = int(np.exp(rng.uniform(*np.log(size))))
    return {"errors": int(rng.binomial(n, rate)), "n": n}


def _posterior(rng: np.random.Generator, split: Case) -> Floats:
    return rng.beta(split["errors"] + 0.5, split["n"] - split["errors"] + 0.5, ORACLE_DRAWS)


def _case(rng: np.random.Generator, splits: Case, smallest: float, kind: str) -> Case:
    dropped = {"no-human": "human", "no-train-dev": "train_dev", "no-test": "test"}.get(kind)
    kept = {name: split for name, split in splits.items() if name != dropped}
    if kind == "same-distribution" and rng.random() < 0.5:
        kept.pop("train_dev")
    metric = {"name": "error", "direction": "minimize", "min_effect": smallest, "kind": "proportion"}
    if rng.random() < 0.5:
        metric.update(name="accuracy", direction="maximize")
    if kind == "training-mode":
        rate = splits["train"]["errors"] / splits["train"]["n"]
        noisy = min(0.95, rate + float(rng.uniform(0.0, 0.1)))
        kept["train"] = {"errors": round(noisy * splits["train"]["n"]), "n": splits["train"]["n"]}
    study: Case = {
        "metric": metric,
        "trials": [],
        "splits": kept,
        "dev_same_distribution_as_train": kind == "same-distribution",
        "train_eval_mode": kind != "training-mode",
    }
    return {"case_id": f"gaps-{kind}", "task": "gaps", "study": study}
