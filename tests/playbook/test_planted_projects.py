"""Made-up projects with one planted fault each: of the chapters F to I exactly the declared rules fail."""

from dataclasses import replace

import numpy as np
import pytest

from playnote.playbook.catalog import CATALOG
from playnote.playbook.engine import judge_rules
from playnote.playbook.examples import event, objective, planned_round, project, state, trial
from playnote.records.curves import Curve
from playnote.records.project import Split
from playnote.records.state import Reading

CHAPTERS = ("F1", "F2", "F3", "G1", "G2", "H1", "H2", "H3", "H4", "X")
RULES = tuple(rule for rule in CATALOG if rule.chapter in CHAPTERS)
STEPS, EVERY = 1000, 50


class Curves:
    """Curves by (trial, metric)."""

    def __init__(self, by_name):
        self.by_name = by_name

    def metrics(self, trial):
        return [metric for name, metric in self.by_name if name == trial]

    def curve(self, trial, metric):
        return self.by_name.get((trial, metric))


def healthy(seed=0, *, jump=False, by_clock=False, evaluations=20, train=0.095, human=(0.09, 5000), warmup=0):
    """Three baseline runs of a round-less project with everything recorded; what is planted bends one thing."""
    rng = np.random.default_rng(seed)
    at, runs, curves, readings = np.arange(1.0, STEPS + 1), [], {}, {}
    for number in range(3):
        name = f"b{number}"
        dev_at = np.linspace(STEPS / evaluations, STEPS, evaluations)
        if by_clock:
            dev_at = np.sort(rng.choice(np.arange(1.0, STEPS), evaluations, replace=False))
        loss = 0.3 + 2 * np.exp(-at / 200) + rng.normal(0, 0.02, STEPS)
        if jump:
            loss = loss + np.where(at > 600, 2 * np.exp(-(at - 600) / 250), 0)
        dev = 0.1 + 0.5 * np.exp(-dev_at / 150) + rng.normal(0, 0.002, evaluations)
        rate = np.minimum(1, at / warmup) if warmup else np.ones(STEPS)
        curves[name, "train/loss"] = Curve(at, loss)
        curves[name, "grad_norm"] = Curve(at, np.exp(rng.normal(0, 0.2, STEPS)))
        curves[name, "lr"] = Curve(at, 0.1 * rate)
        curves[name, "dev/error"] = Curve(dev_at, dev)
        best = int(np.argmin(dev))
        readings[name] = Reading(float(dev[best]), step=float(dev_at[best]), feasible=True)
        runs.append(_run(name, number, train, float(dev[-1]), float(dev_at[best])))
    size = {each: Split(name=each, source="line", n=5000) for each in ("train", "dev", "test")}
    return {
        "project": project(splits=size, objective=objective(human=human, min_effect=0.02)),
        "trials": tuple(runs),
        "readings": readings,
        "rounds": (),
        "curves": Curves(curves),
    }


def _run(name, seed, train, dev, best):
    kept = ["a.pt", "b.pt"]
    facts = {
        "checkpoints": [
            {"file": "a.pt", "step": best, "score": dev, "kept": kept},
            {"file": "b.pt", "step": 1000.0, "kept": kept},
        ],
        "predictions": [{"split": "dev", "file": "p.gz", "n": 5000}],
        "inputs": [{"steps": 1000, "first": 0.1, "waited": 1.0, "seconds": 60.0}],
    }
    summary = {"train_eval/error": train, "dev/error": dev}
    return trial(name, purpose="baseline", round=0, seed=seed, total_steps=STEPS, facts=facts, summary=summary)


def failing(known):
    return {verdict.rule for verdict in judge_rules(RULES, state(**known)) if verdict.status == "fail"}


@pytest.mark.parametrize("seed", range(10))
def test_a_healthy_project_breaks_nothing(seed):
    assert failing(healthy(seed)) == set()


def with_facts(known, **facts):
    return {**known, "trials": tuple(replace(each, facts={**each.facts, **facts}) for each in known["trials"])}


def measuring(known, **results):
    journal = tuple(
        event("measurement", 10 + at, name=name.replace("_", "-"), result=result)
        for at, (name, result) in enumerate(results.items())
    )
    return {**known, "journal": (*known.get("journal", ()), *journal)}


def answering(known, **said):
    journal = tuple(
        event("answer", at, rule=name.replace("_", "-"), answer=answer)
        for at, (name, answer) in enumerate(said.items(), 1)
    )
    return {**known, "journal": (*known.get("journal", ()), *journal)}


def with_round(known, **changed):
    return {**known, "rounds": (planned_round(**changed),)}


HOSTS = {
    "writers": 1,
    "statistics_equal": True,
    "parameters_equal": True,
    "batches_differ": True,
    "overlap": 0,
    "missing": 0,
}
PLANTED = {
    "bias": (healthy(train=0.2, human=(0.02, 5000)), {"F1-high-bias"}),
    "variance": (healthy(train=0.01, human=(0.008, 5000)), {"F1-high-variance"}),
    "jumping loss": (healthy(jump=True), {"G2-signs"}),
    "jumping loss, large round": (
        with_round(healthy(jump=True), points=12),
        {"G2-signs", "G2-no-tuning-unstable"},
    ),
    "clipping after the fact": (with_facts(healthy(), clip_norm=0.3, grad_norm_clipped=False), {"G2-clip-half"}),
    "long warmup": (healthy(warmup=300), {"G2-warmup-extend"}),
    "evaluated by the clock": (healthy(by_clock=True), {"H2-step-interval"}),
    "hardly evaluated": (healthy(evaluations=4), {"H2-periodic-eval"}),
    "waits for data": (
        with_facts(healthy(), inputs=[{"steps": 9, "waited": 40.0, "seconds": 60.0}]),
        {"H1-data-wait"},
    ),
    "no predictions": (with_facts(healthy(), predictions=[]), {"H2-example-preds"}),
    "last weights alone": (
        with_facts(healthy(), checkpoints=[{"file": "z.pt", "step": 1000.0, "score": 0.1, "kept": ["z.pt"]}]),
        {"H2-save-ckpt"},
    ),
    "small evaluation batch": (with_facts(healthy(), batch_size=64, eval_batch=16), {"H2-eval-batch"}),
    "wrong dev labels": (
        measuring(healthy(), labels={"split": "dev", "n": 200, "wrong": 30, "random": True, "error_share": 0.4}),
        {"F2-eval-noise"},
    ),
    "clustered labels in a key class": (
        measuring(healthy(), labels={"split": "train", "n": 200, "wrong": 9, "concentrated": True, "key_scene": True}),
        {"F2-train-systematic"},
    ),
    "full length from the start": (
        with_round(answering(healthy(), G1_declare_regime="compute-bound", G1_round1_short="1000")),
        {"G1-no-full-budget-first", "G1-round1-short"},
    ),
    "lowered the rate first": (
        measuring(healthy(), remedy={"remedy": "lower-lr", "cured": True, "late_worse": False}),
        {"G2-order", "G2-lower-lr-last"},
    ),
    "only bounded by clipping": (
        measuring(healthy(), remedy={"remedy": "clipping", "cured": True, "late_worse": True}),
        {"X+cure-criterion"},
    ),
    "two writers": (measuring(healthy(), hosts={**HOSTS, "writers": 2}), {"H4-single-writer"}),
    "same batches everywhere": (measuring(healthy(), hosts={**HOSTS, "batches_differ": False}), {"H4-seeds"}),
    "overlapping shards": (measuring(healthy(), hosts={**HOSTS, "overlap": 7}), {"H4-sharding"}),
    "unsynchronized statistics": (measuring(healthy(), hosts={**HOSTS, "statistics_equal": False}), {"H4-bn-sync"}),
    "metric moves with the batch": (
        measuring(healthy(), evaluation={"eval_batch": 64, "train_batch": 64, "batch_changes_metric": True}),
        {"H2-eval-batch"},
    ),
    "padding counts": (measuring(healthy(), evaluation={"padding_weighted": True}), {"X+padding"}),
    "a claimed length nobody reached": (
        measuring(answering(healthy(), G1_declare_regime="not bound"), steps={"steps": 500, "reached": 0}),
        {"G1-steps-from-fit"},
    ),
    "slow pipeline": (measuring(healthy(), input={"rate": 40.0, "cached_rate": 100.0}), {"H1-throughput-gap"}),
    "test in the weights": (measuring(healthy(), weights={"used_test": True}), {"F1-mismatch-actions"}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_exactly_the_planted_rules_fail(name):
    known, broken = PLANTED[name]
    assert failing(known) == broken
