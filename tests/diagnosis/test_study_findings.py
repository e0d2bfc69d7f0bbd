"""Questions about a study: what they must see, what they must not, laws, and any input."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_studies import mapped, study, table

from playnote.diagnosis.boundary import answer_boundary, measure_boundary
from playnote.diagnosis.coupling import answer_coupling, measure_coupling
from playnote.diagnosis.density import answer_density, measure_density
from playnote.diagnosis.divergence_edge import answer_divergence_edge, measure_divergence_edge
from playnote.diagnosis.importance import answer_importance, measure_importance
from playnote.diagnosis.inert import answer_inert, measure_inert
from playnote.diagnosis.infeasible import answer_infeasible, measure_infeasible
from playnote.diagnosis.isolation import Level, answer_isolation, measure_isolation
from playnote.diagnosis.readiness import answer_readiness, measure_readiness
from playnote.diagnosis.study_answers import ONE_LEVEL
from playnote.diagnosis.study_laws import BOUNDARY
from playnote.diagnosis.transfer import answer_transfer, measure_transfer
from playnote.diagnosis.winners_curse import answer_winners_curse, measure_winners_curse
from playnote.records.finding import Finding
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space

SIDES = ("low", "high")


def every_finding(given: TrialTable, effect: float | None, seed_sd: float | None = None) -> dict[str, Finding]:
    """Every study question asked of one table, one answer a target."""
    out: dict[str, Finding] = {}
    for name in given.space.names:
        for side in SIDES:
            facts = measure_boundary(given, name, side, min_effect=effect, seed_sd=seed_sd)  # type: ignore[arg-type]
            out[f"boundary {name} {side}"] = answer_boundary(facts)
        out[f"inert {name}"] = answer_inert(measure_inert(given, name, min_effect=effect))
        out[f"edge {name}"] = answer_divergence_edge(measure_divergence_edge(given, name))
        out[f"importance {name}"] = answer_importance(measure_importance(given, shuffles=20), name)
        out[f"coupling {name}"] = answer_coupling(measure_coupling(given, given.space.names[0], name))
    out["density"] = answer_density(measure_density(given, effect))
    out["infeasible"] = answer_infeasible(measure_infeasible(given))
    out["isolation"] = answer_isolation(
        measure_isolation([Level(0, given), Level(1, given)], 0, min_effect=effect, seed_sd=seed_sd)
    )
    out["readiness"] = answer_readiness(measure_readiness(given, min_effect=effect, seed_sd=seed_sd))
    out["curse"] = answer_winners_curse(measure_winners_curse(given, min_effect=effect, seed_sd=seed_sd))
    return out


def labels(given: TrialTable, effect: float | None, seed_sd: float | None = None) -> dict[str, str]:
    return {name: finding.label for name, finding in every_finding(given, effect, seed_sd).items()}


def boundary(given: TrialTable, name: str, side: str, effect: float | None = 0.05) -> str:
    return answer_boundary(measure_boundary(given, name, side, min_effect=effect)).label  # type: ignore[arg-type]


# --- boundary


def test_a_best_place_beyond_the_range_is_seen_and_the_other_sides_are_not_blamed() -> None:
    seen = [labels(study(40, (1.4, 0.5, 0.4), seed=seed), 0.05) for seed in range(8)]
    assert sum(each["boundary h0 high"] == "yes" for each in seen) >= 7
    assert not any(each[f"boundary {name}"] == "yes" for each in seen for name in ("h0 low", "h1 low", "h1 high"))


def test_a_crowd_that_divergence_explains_is_stability_limited_and_never_a_no() -> None:
    for seed in range(6):
        given = study(60, (0.95, 0.5), cliff=0.7, seed=seed)
        finding = answer_boundary(measure_boundary(given, "h0", "high", min_effect=0.02))
        assert finding.label == "unknown"
        assert finding.stability_limited
        assert finding.p is not None
        assert finding.p <= 0.5


def test_trials_that_diverge_because_of_another_hyperparameter_do_not_hide_a_narrow_range() -> None:
    given = study(60, (0.4, 1.4), cliff=0.7, seed=1)
    assert boundary(given, "h1", "high") == "yes"


def test_unrelated_failures_are_missing_not_divergence() -> None:
    given = study(60, (1.4, 0.5), failing=0.35, seed=4)
    assert boundary(given, "h0", "high") == "yes"


def test_a_natural_bound_is_no_fault_of_the_range() -> None:
    finding = answer_boundary(measure_boundary(study(40, (1.4, 0.5), natural=True), "h0", "high", min_effect=0.05))
    assert finding.label == "no"
    assert finding.natural


def test_without_min_effect_the_stand_in_is_named() -> None:
    facts = measure_boundary(study(40, (1.4, 0.5)), "h0", "high")
    assert facts.assumed
    assert facts.effect is not None
    assert answer_boundary(facts).note is not None


def test_categories_and_absent_values_do_not_disturb_the_others() -> None:
    rng = np.random.default_rng(0)
    given = study(60, (1.4, 0.5), seed=2)
    choice = rng.integers(0, 3, 60)
    off = rng.random(60) < 0.2
    space = Space(
        (*given.space, Categorical(name="act", choices=("a", "b", "c")), Float(name="wd", low=0.1, high=1.0, off=0.0))
    )
    unit = np.column_stack((given.unit, (choice + 0.5) / 3, np.where(off, np.nan, rng.random(60))))
    error = given.error + 0.3 * (choice == 1) + 0.2 * off
    wide = TrialTable(
        space, given.ids, unit, error, given.ok, given.diverged, given.pruned, given.failed, given.last_error
    )
    assert boundary(wide, "h0", "high") == "yes"
    assert boundary(wide, "act", "low") == "no"
    assert boundary(wide, "wd", "low") != "yes"


def test_where_every_trial_sits_on_one_level_no_side_is_called_wide_enough() -> None:
    """Runs at chance level are noise: what lies beyond the ranges is not known, and nothing is called idle."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        given = table(rng.random((60, 6)), 0.9 + 0.01 * rng.standard_normal(60))
        for name in given.space.names:
            found += [answer_boundary(measure_boundary(given, name, side, min_effect=0.02)) for side in SIDES]  # type: ignore[arg-type]
            assert answer_inert(measure_inert(given, name, min_effect=0.02)).label != "yes"
    assert "no" not in {finding.label for finding in found}
    # Of 240 sides at most 2 % are blamed: with a true 1 % more than that has probability 0.03.
    assert sum(finding.label == "yes" for finding in found) <= 4
    assert sum(ONE_LEVEL in finding.missing for finding in found) >= 230


def test_a_yes_below_one_half_is_stated_with_its_neighbours_and_not_at_its_own_probability() -> None:
    facts = measure_boundary(study(40, (1.4, 0.5)), "h0", "high", min_effect=0.05)
    weak = answer_boundary(replace(facts, p=0.3))
    assert (weak.label, weak.p) == ("yes", BOUNDARY.shown(0.3))
    assert BOUNDARY.shown(0.3) >= 0.5


# --- the others


def test_an_idle_hyperparameter_is_told_from_one_that_matters() -> None:
    seen = [labels(study(64, (0.4, 0.5), weight=(1.0, 0.0), seed=seed), 0.1) for seed in range(8)]
    assert sum(each["inert h1"] == "yes" for each in seen) >= 6
    assert all(each["inert h0"] == "no" for each in seen)


def test_a_best_value_right_below_the_divergence_is_told_from_one_far_below() -> None:
    near = [labels(study(60, (0.75, 0.5), cliff=0.7, seed=s), 0.02)["edge h0"] for s in range(6)]
    far = [labels(study(60, (0.2, 0.5), cliff=0.8, seed=s), 0.02)["edge h0"] for s in range(6)]
    assert near.count("yes") >= 5
    assert "yes" not in far
    assert "no" not in near


def test_divergence_beyond_a_threshold_is_located() -> None:
    finding = answer_infeasible(measure_infeasible(study(60, (0.4, 0.5), cliff=0.7)))
    assert finding.pattern == "ordered"
    assert [cliff.hyperparameter for cliff in finding.cliffs] == ["h0"]
    low, high = finding.cliffs[0].interval
    assert low <= 0.7 <= high


def test_random_divergence_rarely_has_a_side() -> None:
    """Holm at 5 %: of 200 studies 26 or more with a side has probability under 1e-5."""
    fired = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        unit = rng.random((40, 3))
        given = table(unit, unit[:, 0].copy(), diverged=rng.random(40) < 0.3)
        fired += bool(answer_infeasible(measure_infeasible(given)).cliffs)
    assert fired < 26


def test_failures_that_are_not_the_configurations_do_not_count_as_infeasible() -> None:
    facts = measure_infeasible(study(40, (0.4, 0.5), failing=0.5))
    assert facts.diverged == 0
    assert facts.failed > 0
    assert answer_infeasible(facts).label == "no"


def test_questions_of_independent_trials_stay_unknown_for_an_adaptive_sampler() -> None:
    given = study(64, (0.4, 0.5), adaptive=True)
    density = answer_density(measure_density(given, 0.1))
    isolation = answer_isolation(measure_isolation([Level(0, given), Level(1, given)], min_effect=0.1, seed_sd=0.02))
    for finding in (density, isolation):
        assert finding.label == "unknown"
        assert finding.settles[0].runs
        assert finding.estimate is None


def test_density_says_sparse_for_few_trials_of_many_dimensions_and_dense_for_many_of_one() -> None:
    assert labels(study(16, (0.4,) * 6, noise=0.0), 0.02)["density"] == "yes"
    assert labels(study(200, (0.4,), noise=0.0), 0.02)["density"] == "no"


def test_isolation_sees_a_gain_larger_than_its_interval_and_pairs_shared_points() -> None:
    base, other = study(24, (0.4, 0.5)), study(24, (0.4, 0.5))
    better = mapped(other, shift=-0.5)
    points = tuple(range(24))
    paired = measure_isolation([Level("off", base, points), Level("on", better, points)], min_effect=0.1, seed_sd=0.02)
    alone = measure_isolation([Level("off", base), Level("on", better)], min_effect=0.1, seed_sd=0.02)
    assert paired.paired
    assert not alone.paired
    assert answer_isolation(paired).label == "yes"
    assert paired.levels[1].gain == pytest.approx(0.5)
    assert (paired.levels[1].search_sd or 0.0) < (alone.levels[1].search_sd or 0.0)
    assert paired.winner is paired.levels[1]


def test_isolation_does_not_reward_more_tries() -> None:
    """The same response with 10 and 40 trials: raw bests favour 40 in most draws, equal budgets in about half."""
    raw = equal = 0
    for seed in range(120):
        few, many = study(10, (0.4, 0.5), seed=seed, noise=0.1), study(40, (0.4, 0.5), seed=1000 + seed, noise=0.1)
        facts = measure_isolation([Level(0, few), Level(1, many)])
        first, second = facts.levels
        raw += (second.best or 0.0) < (first.best or 0.0)
        equal += (second.expected_best or 0.0) < (first.expected_best or 0.0)
    assert raw > 80
    assert 35 < equal < 85


def test_isolation_counts_diverged_trials_as_spent() -> None:
    sound = study(16, (0.4, 0.5), seed=1)
    wasteful = study(16, (0.4, 0.5), seed=1, cliff=0.5)
    facts = measure_isolation([Level("sound", sound), Level("wasteful", wasteful)])
    alone = measure_isolation([Level("sound", sound), Level("wasteful", table(wasteful.unit, wasteful.error))])
    assert facts.levels[1].tried == 16
    assert facts.budget == 16
    assert alone.budget == int(wasteful.ok.sum())


def test_the_best_of_many_flatters_itself_and_the_correction_is_about_right() -> None:
    """64 equal configurations: the best reads about 2.4 SD too good; corrected, within half an SD on average."""
    rng = np.random.default_rng(0)
    off = []
    for _ in range(60):
        given = table(rng.random((64, 2)), rng.standard_normal(64))
        facts = measure_winners_curse(given, min_effect=1.0, seed_sd=1.0)
        assert answer_winners_curse(facts).label == "yes"
        off.append(facts.corrected or 0.0)
    assert abs(float(np.mean(off))) < 0.6


def test_transfer_asks_for_five_shared_configurations() -> None:
    assert answer_transfer(measure_transfer([1, 2, 3, 4], [1, 2, 3, 4])).label == "unknown"
    assert answer_transfer(measure_transfer([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])).label == "yes"
    assert answer_transfer(measure_transfer(range(30), range(30, 0, -1))).label == "no"


def test_importance_names_what_matters_and_nothing_inside_the_null_band() -> None:
    facts = measure_importance(study(120, (0.4, 0.5, 0.5), weight=(1.0, 0.0, 0.0)))
    assert facts.ranking[0].hyperparameter == "h0"
    assert answer_importance(facts, "h0").label == "yes"
    null = [measure_importance(study(120, (0.4, 0.5), weight=(0.0, 0.0), seed=seed)) for seed in range(40)]
    fired = sum(answer_importance(each, name).label == "yes" for each in null for name in ("h0", "h1"))
    # 5 % of 80: 14 or more has probability under 1e-4.
    assert fired < 14


def test_importance_does_not_change_under_a_rising_transform() -> None:
    given = study(100, (0.4, 0.5, 0.6))
    bent = table(given.unit, np.exp(3 * given.error))
    assert measure_importance(given) == measure_importance(bent)


def test_readiness_needs_every_item() -> None:
    given = study(200, (0.4, 0.5), noise=0.0)
    facts = measure_readiness(given, min_effect=0.05, seed_sd=0.01)
    sides = [
        answer_boundary(measure_boundary(given, name, side, min_effect=0.05), target={"hyperparameter": name})  # type: ignore[arg-type]
        for name in given.space.names
        for side in SIDES
    ]
    ready = answer_readiness(facts, sides, curves_settled=True)
    assert ready.label == "yes"
    low, high = (ready.shrunken or {})["h0"]
    assert float(low) < 0.4 < float(high)
    assert answer_readiness(facts, sides).label == "unknown"
    assert answer_readiness(facts, (), curves_settled=True).label == "unknown"
    assert answer_readiness(facts, sides, curves_settled=False).label == "no"


# --- laws


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 70), st.integers(0, 3))
def test_shuffling_trials_changes_no_label(seed: int, n: int, kind: int) -> None:
    given = study(n, (1.2, 0.5, 0.3), seed=seed, cliff=(np.inf, 0.8)[kind % 2], adaptive=kind > 1)
    rows = np.random.default_rng(seed).permutation(n)
    assert labels(given, 0.05, 0.02) == labels(mapped(given, rows=rows), 0.05, 0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 70), st.integers(-9, 9))
def test_another_unit_and_level_of_the_metric_changes_no_label(seed: int, n: int, power: int) -> None:
    given = study(n, (1.2, 0.5, 0.3), seed=seed)
    scale = 2.0**power
    assert labels(given, 0.05, 0.02) == labels(mapped(given, scale=scale, shift=4 * scale), 0.05 * scale, 0.02 * scale)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 60))
def test_adding_trials_that_failed_for_unrelated_reasons_changes_no_label(seed: int, n: int) -> None:
    given = study(n, (1.2, 0.5), seed=seed)
    rng = np.random.default_rng(seed)
    unit = np.vstack((given.unit, rng.random((5, 2))))
    error = np.concatenate((given.error, np.full(5, np.nan)))
    failed = np.concatenate((np.zeros(n, dtype=bool), np.ones(5, dtype=bool)))
    assert labels(given, 0.05, 0.02) == labels(table(unit, error, failed=failed), 0.05, 0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_mirroring_a_hyperparameter_mirrors_its_sides(seed: int) -> None:
    given = study(40, (1.3, 0.5), seed=seed)
    mirrored = table(1.0 - given.unit, given.error)
    for name in ("h0", "h1"):
        for side, other in (("low", "high"), ("high", "low")):
            a = measure_boundary(given, name, side, min_effect=0.05).p  # type: ignore[arg-type]
            b = measure_boundary(mirrored, name, other, min_effect=0.05).p  # type: ignore[arg-type]
            assert a is not None
            assert b is not None
            # The draws differ, so the two agree only as well as 768 draws do.
            assert abs(math.log(a / (1 - a)) - math.log(b / (1 - b))) < 1.0


WILD = st.one_of(
    st.floats(-2, 2), st.sampled_from([0.0, 1e300, -1e300, 1e-300, math.inf, -math.inf, math.nan, 0.5, 0.5, 0.5])
)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 12).flatmap(
        lambda n: st.tuples(
            st.lists(WILD, min_size=n, max_size=n),
            st.lists(st.sampled_from(["ok", "diverged", "failed", "pruned"]), min_size=n, max_size=n),
            st.lists(st.lists(WILD, min_size=2, max_size=2), min_size=n, max_size=n),
        )
    ),
    st.sampled_from([None, 0.1, 0.0, math.nan, 1e300, 1e-300, -1.0]),
    st.sampled_from([None, 0.0, 0.1, math.nan, 1e300]),
    st.booleans(),
)
def test_any_input_gives_an_answer_and_label_and_probability_agree(
    rows: tuple[list[float], list[str], list[list[float]]], effect: float | None, seed_sd: float | None, adaptive: bool
) -> None:
    errors, kinds, units = rows
    n = len(errors)
    state = {kind: np.array([each == kind for each in kinds], dtype=bool) for kind in ("diverged", "failed", "pruned")}
    given = table(np.array(units, dtype=float).reshape(n, 2), np.array(errors, dtype=float), adaptive=adaptive, **state)
    for finding in every_finding(given, effect, seed_sd).values():
        assert finding.label in ("yes", "no", "unknown")
        assert finding.p is None or 0.0 <= finding.p <= 1.0
        assert finding.p is None or not (finding.label == "yes" and finding.p < 0.5)
        assert finding.p is None or not (finding.label == "no" and finding.p > 0.5)
        if finding.label == "unknown":
            assert finding.settles


@pytest.mark.parametrize("make", [lambda n: np.full(n, 0.3), lambda n: np.repeat([0.3, 0.4], n)[:n]])
def test_constant_results_decide_nothing_about_ranges(make: Callable[[int], np.ndarray]) -> None:
    given = table(np.random.default_rng(0).random((20, 2)), make(20))
    assert boundary(given, "h0", "high") == "unknown"


def test_four_trials_decide_nothing() -> None:
    seen = labels(study(4, (1.4, 0.5)), 0.05, 0.02)
    assert set(seen.values()) == {"unknown"}
