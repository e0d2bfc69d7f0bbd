"""The first `check` of a new project, and what `next` makes of a diagnosis."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from playnote.guide.question import question_of, values_of
from playnote.guide.remedy import OVERFIT, REMEDIES, looking, remedy_of
from playnote.interfaces.cli.app import app
from playnote.playbook.catalog import BY_ID
from playnote.playbook.engine import Facts
from playnote.playbook.examples import event, project, state, trial
from playnote.playbook.examples_seen import ladder
from playnote.playbook.facts import Target
from playnote.playbook.facts.ladder import Ladder
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space

SPACE = Space(
    (
        Float(name="lr", low=1e-4, high=1.0, scale="log", group="optimizer"),
        Categorical(name="hidden", choices=(64, 256), group="size"),
        Float(name="dropout", low=0.0, high=0.6, natural_low=0.0, group="regularization"),
    )
)


@pytest.mark.parametrize("run", ["train:train", "python train.py --lr {lr} --seed {seed}", "sh run.sh"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_check_has_at_most_ten_lines_and_blames_nobody_for_what_is_not_declared_yet(tmp_path, run, language):
    folder = tmp_path / "new"
    words = ["init", str(folder), "--run", run, "--optimize", "dev/error", "--direction", "minimize", "--yes"]
    assert CliRunner().invoke(app, words).exit_code == 0
    seen = CliRunner().invoke(app, ["check", "--project", str(folder), "--lang", language])
    assert seen.exit_code == 0
    assert len(seen.output.strip().splitlines()) <= 10
    assert "VIOLATED" not in seen.output
    assert "违反  " not in seen.output
    step = CliRunner().invoke(app, ["next", "--project", str(folder), "--json"])
    assert step.exit_code == 0


def found(**gaps):
    """A project in which these gaps hold."""
    known = state(project=project(space=SPACE, baseline={"lr": 0.1, "hidden": 64, "dropout": 0.0}), rounds=())
    facts = Facts(known)
    facts.computed[Ladder, Target()] = ladder(**gaps)
    return known, facts


@pytest.mark.parametrize(
    ("gap", "rule", "asks"),
    [("high_bias", "F1-high-bias", "hidden"), ("high_variance", "F1-high-variance", "dropout")],
)
def test_bias_asks_for_a_larger_model_first_and_variance_for_regularization(gap, rule, asks):
    known, facts = found(**{gap: "yes"})
    message, remedy = remedy_of(known, facts)
    assert remedy is REMEDIES[rule]
    assert message.zh
    assert question_of(known, facts, remedy.groups).name == asks


def test_a_test_split_that_is_clearly_worse_asks_for_a_larger_dev_before_anything_else():
    known, facts = found(dev_overfit="yes", high_bias="yes")
    assert remedy_of(known, facts)[1] is OVERFIT


def test_mismatch_looks_at_the_errors_first_where_predictions_are_kept_and_only_once():
    remedy = REMEDIES["F1-mismatch"]
    kept = trial("b0", purpose="baseline", round=0, facts={"predictions": [{"split": "dev"}]})
    assert looking(remedy, state(trials=(kept,)), None) == "playnote errors sample"
    assert looking(remedy, state(trials=(kept,)), ()) is None, "not where there is no such command"
    assert looking(remedy, state(trials=()), None) is None, "nor without predictions"
    sampled = event("errors-sampled", sample=1, split="dev", ids=[], wrong=0, n=0, seed=0)
    assert looking(remedy, state(trials=(kept,), journal=(sampled,)), None) is None


def test_every_rule_that_a_remedy_names_exists():
    assert {rule for remedy in (*REMEDIES.values(), OVERFIT) for rule in remedy.rules} <= set(BY_ID)


def test_a_question_is_not_asked_twice_and_a_learning_rate_is_tuned_not_compared():
    from dataclasses import replace

    from playnote.playbook.examples import planned_round

    known, _facts = found()
    asked = replace(planned_round(), scientific={"hidden": (64, 256)}, closed="kept")
    again = replace(known, rounds=(asked,))
    assert question_of(again, Facts(again)).name == "dropout"
    both = replace(again, rounds=(asked, replace(asked, number=2, scientific={"dropout": (0.0, 0.2)})))
    assert question_of(both, Facts(both)) is None


def test_proposed_values_hold_the_baseline_and_lie_apart_on_their_own_scale():
    decay = Float(name="wd", low=1e-6, high=1e-2, scale="log", off=0.0)
    assert values_of(decay, 1e-4) == (0.0, 2.2e-05, 1e-4)
    assert values_of(SPACE["dropout"], 0.0) == (0.0, 0.2, 0.4)
    assert values_of(SPACE["hidden"], 256) == (256, 64)
