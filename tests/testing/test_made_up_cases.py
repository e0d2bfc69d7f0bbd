"""Made-up cases are valid exchange-format cases, give nothing away, and stand in both directions."""

from __future__ import annotations

import json

import numpy as np
import pytest

from playnote.testing import adoption_cases, catalog, curve_cases, search_cases, stability_cases
from playnote.testing.calibrate import measure_nulls, measure_slice, write_page
from playnote.testing.known import Case, KnownCase
from playnote.testing.mutations import mutated
from playnote.testing.naive import naive_judge
from playnote.testing.transforms import flipped, rescaled, shuffled

STATUSES = {"complete", "diverged", "failed", "pruned"}
COUNTS = {task: 16 if task == "boundary" else 40 for task in catalog.TASKS}
CASES = [catalog.draw(task, 9, index, adaptive=False) for task, n in COUNTS.items() for index in range(n)]


def test_every_case_is_json_in_the_exchange_format() -> None:
    for known in CASES:
        text = json.dumps(known.case, allow_nan=False)
        assert json.loads(text) == known.case
        assert known.case["task"] in catalog.TASKS
        metric = known.case["study"]["metric"]
        assert metric["direction"] in {"minimize", "maximize"}
        assert metric["min_effect"] > 0
        for trial in known.case["study"]["trials"]:
            assert trial["status"] in STATUSES
            assert (trial["value"] is None) == (trial["status"] != "complete")


def test_a_case_holds_no_word_of_its_truth() -> None:
    for known in CASES:
        assert not {"truth", "effect", "oracle", "facts"} & set(_keys(known.case))


def test_every_task_has_true_false_and_undecidable_answers() -> None:
    for task in catalog.TASKS:
        values = {t.value for k in range(60) for t in catalog.draw(task, 3, k, adaptive=False).truths}
        assert values == {True, False, None}


@pytest.mark.parametrize("known", CASES[::7], ids=lambda known: known.case["case_id"])
def test_turning_round_twice_and_scaling_back_give_the_case_again(known) -> None:  # type: ignore[no-untyped-def]
    assert flipped(flipped(known.case)) == known.case
    assert rescaled(rescaled(known.case, 4.0), 0.25) == known.case
    again = shuffled(known.case, np.random.default_rng(0))
    assert sorted(map(repr, again["study"]["trials"])) == sorted(map(repr, known.case["study"]["trials"]))


def test_the_naive_rules_do_not_see_the_direction() -> None:
    for known in CASES:
        if known.case["task"] != "gaps":
            assert naive_judge(flipped(known.case)) == naive_judge(known.case)


def test_under_an_exact_null_either_arm_wins_half_of_the_time() -> None:
    n = 2_000
    for kind in ("plain", "history", "after-selection", "equal-failures", "dev-sampling"):
        wins = sum(_candidate_leads(catalog.exact_null(kind, 4, index).case) for index in range(n))
        # Five standard deviations of a fair coin, ties counted as half: false alarm 6e-7 a kind.
        assert abs(wins - n / 2) < 5 * np.sqrt(n) / 2, kind


def test_an_effect_is_as_many_seed_sds_as_it_says() -> None:
    gaps = []
    for index in range(4_000):
        known = adoption_cases.plain(np.random.default_rng([8, index]), False)
        gaps.append(_gap(known) - known.facts["effect"])
        assert known.truth("adopt", {}).value is True  # type: ignore[union-attr]
    # In SDs the error of the mean gap is at most sqrt(2/3 / 4000); six of them.
    assert abs(np.mean(gaps)) < 6 * np.sqrt(2 / 3 / 4_000)


@pytest.mark.parametrize("failures", [0.0, 0.03, 0.35])
def test_unrelated_failures_come_at_their_share_and_divergence_only_beyond_the_cliff(failures: float) -> None:
    failed = total = 0
    for index in range(30):
        known = search_cases.search_case(np.random.default_rng([1, index]), band="n40-64", failures=failures)
        trials = known.case["study"]["trials"]
        failed += sum(trial["status"] == "failed" for trial in trials)
        total += len(trials)
        lrs = {status: [t["params"]["lr"] for t in trials if t["status"] == status] for status in STATUSES}
        if lrs["diverged"] and lrs["complete"]:
            assert max(lrs["diverged"]) > np.median(lrs["complete"])
    assert abs(failed - failures * total) <= 6 * np.sqrt(total * failures * (1 - failures))


def test_tpe_studies_are_reproducible_and_a_pruner_stops_trials() -> None:
    pytest.importorskip("optuna")
    draws = [search_cases.search_case(np.random.default_rng(3), band="n16-25", sampler="tpe-pruner") for _ in range(2)]
    assert draws[0].case == draws[1].case
    statuses = [trial["status"] for trial in draws[0].case["study"]["trials"]]
    assert "pruned" in statuses
    assert all("curve" in t for t in draws[0].case["study"]["trials"] if t["status"] == "pruned")


def test_a_planted_spike_stands_above_what_the_log_shows_without_it() -> None:
    for kind in ("spike-early", "spike-mid", "spike-late"):
        for index in range(20):
            case = stability_cases.stability_case(np.random.default_rng([2, index]), kind=kind).case
            loss = np.array([step["train_loss"] for step in case["study"]["trials"][0]["steps"]])
            assert np.isfinite(loss).all()


def test_a_mutation_changes_the_case_and_never_the_original() -> None:
    rng, changed = np.random.default_rng(6), 0
    for known in CASES[:60]:
        before = repr(known.case)
        changed += repr(mutated(known.case, rng)) != before
        assert repr(known.case) == before
    assert changed > 40


def test_a_slice_is_measured_once_and_the_page_names_every_table(tmp_path) -> None:  # type: ignore[no-untyped-def]
    calls: list[str] = []

    def judge(case: Case) -> list[dict]:  # type: ignore[type-arg]
        calls.append(case["task"])
        return [{**verdict, "p": 0.9 if verdict["label"] == "yes" else 0.1} for verdict in naive_judge(case)]

    measure_slice(tmp_path, "gaps", 1, 0, 12, judge)
    measure_slice(tmp_path, "gaps", 1, 0, 12, judge)
    measure_nulls(tmp_path, "plain", 1, 0, 50, judge)
    assert calls.count("gaps") == 12
    page = tmp_path / "error-rates.md"
    write_page(tmp_path, page)
    text = page.read_text(encoding="utf-8")
    for heading in ("## Gaps", "## False adoption on exact nulls", "## Missed targets"):
        assert heading in text


def _keys(node: object) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(key for value in node.values() for key in _keys(value))]
    return [key for value in node for key in _keys(value)] if isinstance(node, list) else []


def _arm(case: Case, arm: str) -> np.ndarray:
    sign = 1.0 if case["study"]["metric"]["direction"] == "minimize" else -1.0
    return np.array([
        sign * t["value"] for t in case["study"]["trials"]
        if t.get("arm") == arm and t["role"] == "confirm" and t["value"] is not None
    ])  # fmt: skip


def _candidate_leads(case: Case) -> float:
    base, new = _arm(case, "baseline"), _arm(case, "candidate")
    if not len(base) or not len(new) or base.mean() == new.mean():
        return 0.5
    return float(new.mean() < base.mean())


def _gap(known: KnownCase) -> float:
    """Gap of the arms in seed SDs; `min_effect` says how large one of them is in the metric's units."""
    base, new = _arm(known.case, "baseline"), _arm(known.case, "candidate")
    one_sd = known.case["study"]["metric"]["min_effect"] / known.facts["min_effect_sds"]
    return float((base.mean() - new.mean()) / one_sd)


def test_the_shorter_of_two_runs_is_the_same_configuration_at_half_the_steps() -> None:
    for index in range(10):
        known = curve_cases.curve_case(np.random.default_rng([4, index]), kind="two-lengths")
        whole, half = known.case["study"]["trials"]
        assert whole["params"] == half["params"]
        assert whole["arm"] == half["arm"]
        assert whole["total_steps"] == 2 * half["total_steps"]
        assert whole["schedule"]["peak_lr"] == half["schedule"]["peak_lr"]
        assert all(truth.target == (("trial_id", "t0"),) for truth in known.truths)
