"""What rules read off the journal, the project file and the trials."""

import numpy as np
import pytest
from scipy.stats import qmc

from playnote.diagnosis.metric_audit import MetricFinding
from playnote.playbook.catalog import CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.examples import DROPOUT, LR, event, planned_round, project, state, trial
from playnote.playbook.facts import Target
from playnote.playbook.facts.adoptions import Proposals, same_configuration
from playnote.playbook.facts.batch import BatchHistory, BatchLadder
from playnote.playbook.facts.curves import flat_from
from playnote.playbook.facts.design import Coverage, _unevenness
from playnote.playbook.facts.history import History, Span
from playnote.playbook.facts.mistakes import Mistakes
from playnote.playbook.facts.recipe import Recipe
from playnote.playbook.facts.splits import SplitAudit
from playnote.records.state import Reading
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space


def give(kind, target=None, **changed):
    return Facts(state(**changed)).give(kind, target or Target())


def test_each_fact_is_computed_once_for_everything_it_does_not_tell_apart():
    counts = {}
    facts = Facts(state(rounds=(planned_round(), planned_round(number=2))))
    real = facts.providers

    class Counted(dict):
        def __getitem__(self, kind):
            provider = real[kind]

            def function(giver, target):
                counts[kind, target] = counts.get((kind, target), 0) + 1
                return provider.function(giver, target)

            return type(provider)(provider.reach, function)

    facts.providers = Counted(real)
    judge_rules(CATALOG, facts.state, facts)
    assert set(counts.values()) == {1}
    assert sum(kind is History for kind, _ in counts) == 1


def test_only_the_rounds_asked_for_are_judged():
    both = state(rounds=(planned_round(), planned_round(number=2)))
    rounds = {v.target.get("round") for v in judge_rules(CATALOG, both, rounds=(2,))}
    assert rounds == {None, 2}


def test_history_reads_spans_goal_changes_and_adoptions_in_order():
    journal = (
        event("objective", 1, objective={}),
        event("round-opened", 2, round={"number": 1}),
        event("objective", 3, objective={}),
        event("round-opened", 4, round={"number": 1}),
        event("round-closed", 5, round=1, decision="keep"),
        event("adoption", 6, configuration={"dropout": 0.2}, verdict="candidate", trial="t0001"),
        event("baseline", 7, configuration={"dropout": 0.2}),
    )
    found = give(History, journal=journal)
    assert found.rounds == {1: Span(2, 5)}
    assert found.goals == (3,)
    assert [each.verdict for each in found.adoptions] == ["candidate"]
    assert found.baselines == ((7, {"dropout": 0.2}),)


def test_the_recipe_knows_a_setting_by_its_own_name_under_its_branch():
    space = Space(
        (
            Categorical(name="optimizer", choices=("sgd", "adamw"), group="optimizer"),
            Float(name="sgd.lr", low=1e-3, high=1.0, when={"optimizer": "sgd"}),
            Float(name="adamw.lr", low=1e-5, high=1e-1, when={"optimizer": "adamw"}),
            Float(name="adamw.beta1", low=0.8, high=0.99, when={"optimizer": "adamw"}),
            Float(name="width", low=16, high=64),
        )
    )
    baseline = {"optimizer": "adamw", "adamw.lr": 0.001, "adamw.beta1": 0.9, "width": 32}
    found = give(Recipe, project=project(space=space, baseline=baseline))
    assert found.optimizer == "adamw"
    assert found.rate == ("adamw.lr", 0.001)
    assert found.adam == {"beta1": 0.9}
    assert found.structure == ("width",)
    assert found.adaptive


def test_what_nothing_says_is_not_guessed():
    found = give(Recipe)
    assert found.optimizer is None
    assert found.schedule is None
    assert found.batch is None


def test_the_batch_ladder_is_read_from_its_latest_measurement():
    rows = [{"batch": 32 * 2**k, "seconds": [0.01 * t] * 30, "waiting": 0.0} for k, t in enumerate((1.0, 1.05, 2.1))]
    rows.append({"batch": 256, "seconds": [], "fits": False})
    result = {"ladder": rows, "devices": 1, "steps_to_target": {"32": 1000, "64": 600}}
    journal = (event("measurement", 1, name="batch-size", result={"ladder": []}),)
    journal += (event("measurement", 2, name="batch-size", result=result),)
    found = give(BatchLadder, journal=journal, project=project(task={"batch_size": "64"}))
    assert found.facts.sizes == (32, 64, 128)
    assert found.facts.unfit == 256
    assert found.chosen == 64
    assert found.finding is not None
    assert found.finding.batch == 64
    assert found.hours == pytest.approx({32: 1000 * 0.01 / 3600, 64: 600 * 0.0105 / 3600})


def test_changes_of_the_batch_size_are_seen_between_rounds():
    rounds = tuple(planned_round(number=n, base={"batch_size": size}) for n, size in ((1, 64), (2, 64), (3, 128)))
    assert give(BatchHistory, rounds=rounds).changes == (2,)


def test_coverage_names_the_widest_gap_on_the_scale_of_the_range():
    found = give(Coverage, Target(round=1))
    assert found.points == 1  # the example's points differ in their seeds alone
    assert found.gaps["lr"] == pytest.approx(0.75)


@pytest.mark.parametrize(("n", "d"), [(2, 1), (16, 2), (33, 4)])
def test_unevenness_is_the_centred_discrepancy_over_its_mean_for_random_points(n, d):
    points = np.random.default_rng(n).random((n, d))
    expected = ((5 / 4) ** d - (13 / 12) ** d) / n
    assert _unevenness(points) == pytest.approx(qmc.discrepancy(points, method="CD") / expected)


def test_random_points_have_an_unevenness_of_one_on_average():
    rng = np.random.default_rng(3)
    values = [_unevenness(rng.random((12, 2))) for _ in range(400)]
    assert abs(np.mean(values) - 1.0) < 4 * np.std(values) / np.sqrt(len(values))


def test_a_later_tag_of_the_same_person_replaces_and_another_person_does_not():
    journal = (
        event("errors-sampled", 1, sample=1, split="dev", ids=["a", "b", "c"], wrong=40, n=500, seed=0),
        event("errors-tagged", 2, sample=1, tags={"a": ["blur"], "b": ["dark"]}, by="one"),
        event("errors-tagged", 3, sample=1, tags={"a": ["mislabelled"]}, by="one"),
        event("errors-tagged", 4, sample=1, tags={"b": ["blur"], "x": ["blur"]}, by="two"),
        event("decision", 5, about="errors", choice="dark", because="easy"),
    )
    found = give(Mistakes, journal=journal)
    assert (found.drawn, found.tagged, found.wrong) == (3, 2, 40)
    assert found.facts is not None
    assert {each.name for each in found.facts.categories} == {"mislabelled", "dark"}
    assert (found.chosen, found.because) == ("dark", "easy")


def test_an_adoption_is_compared_again_from_the_runs_it_names():
    old = tuple(trial(f"b{at}", purpose="baseline", seed=at, seconds=10.0) for at in range(5))
    new = tuple(
        trial(f"c{at}", purpose="confirm", seed=at, seconds=10.0, configuration={"dropout": 0.2}) for at in range(5)
    )
    readings = {each.id: Reading(0.100 + 0.001 * at) for at, each in enumerate(old)}
    readings |= {each.id: Reading(0.080 + 0.001 * at) for at, each in enumerate(new)}
    names = [each.id for each in (*new, *old)]
    journal = (event("adoption", 9, configuration={"dropout": 0.2}, verdict="adopted", trial="t1", trials=names),)
    (found,) = give(Proposals, trials=(*old, *new), readings=readings, journal=journal).all
    assert found.gain is not None
    assert found.gain.estimate == pytest.approx(0.02, abs=0.004)
    assert found.gain.interval[0] > 0


def test_configurations_are_the_same_where_all_they_share_agrees():
    assert same_configuration({"lr": 0.1, "dropout": 0.0}, {"lr": 0.1})
    assert not same_configuration({"lr": 0.1}, {"lr": 0.2})
    assert not same_configuration({"lr": 0.1}, {"dropout": 0.2})


def test_people_s_preferences_are_read_under_the_objective_in_force():
    judged = tuple(event("metric-judged", n, better="a", worse=f"w{n}", preferred="better") for n in range(30))
    scores = {"a": Reading(0.1)} | {f"w{n}": Reading(0.2) for n in range(30)}
    assert give(MetricFinding, journal=judged, readings=scores).label == "no"
    turned = {"a": Reading(0.3)} | {f"w{n}": Reading(0.2) for n in range(30)}
    assert give(MetricFinding, journal=judged, readings=turned).label == "yes"


def test_a_curve_is_flat_from_where_it_stays_near_its_end():
    steps = np.arange(1.0, 101.0)
    errors = np.where(steps < 40, 0.5, 0.1)
    assert flat_from(steps, errors, 0.01) == pytest.approx(0.40)
    assert flat_from(steps, np.full(100, 0.1), 0.01) == pytest.approx(0.01)


def test_a_new_project_breaks_no_rule():
    from playnote.guide.stage import due

    fresh = state(trials=(), readings={}, rounds=(), project=project(space=Space((LR, DROPOUT)), task={}))
    verdicts = judge_rules(due(CATALOG, fresh), fresh)
    assert not [v.rule for v in verdicts if v.status == "fail"]


def test_the_latest_audit_of_the_splits_names_leaks_and_shifts():
    audit = {
        "splits": {},
        "overlap": {"label": "yes", "within": {"train": 2}, "across": {"dev&train": 3, "dev&test": 1}},
        "shifts": [{"first": "dev", "second": "test", "label": "yes", "auc": 0.7, "interval": [0.66, 0.74]}],
    }
    found = give(SplitAudit, journal=(event("splits-audited", 1, **audit),))
    assert found.leaks() == {"dev & train": 3}
    assert found.shifts[frozenset({"test", "dev"})].interval == (0.66, 0.74)
    assert give(SplitAudit).leaks() == {}
