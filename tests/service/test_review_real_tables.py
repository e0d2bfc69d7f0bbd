"""What public result tables taught: their seeds, names and split scores are no hyperparameters, bad runs are noisier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playnote.service.review import review


def _rows(noise_of_bad: float, configurations: int = 24, runs: int = 4) -> list[dict[str, float]]:
    """The first half of the configurations is good, with noise 0.01; the errors of the others lie about 2 higher."""
    rng = np.random.default_rng(11)
    rows = []
    for at in range(configurations):
        noise, base = (0.01, 0.1) if at < configurations / 2 else (noise_of_bad, 2.1)
        rows += [{"lr": 10.0 ** -(at / 6), "err": base + 0.05 * at + rng.normal(0, noise)} for _ in range(runs)]
    return rows


def test_noise_of_bad_configurations_does_not_speak_for_the_best() -> None:
    found = review(_rows(0.5), direction="minimize", metric="err")
    line = next(line for line in found.lines if line.about == "repeats")
    low, high = found.evidence.seeds.interval or (0.0, 0.0)
    assert low < 0.01 < high
    assert "the others differ by" in line.evidence[0].en
    # Pooled over everything the noise would be about 0.35, thirty times what it is where it matters.
    luck = [line for line in found.lines if line.about == "luck"]
    assert all(line.finding is not None and (line.finding.estimate or 0.0) < 0.05 for line in luck)


def test_equal_noise_everywhere_is_pooled_over_all_repeats() -> None:
    found = review(_rows(0.01), direction="minimize", metric="err")
    assert found.evidence.seeds.runs == 96
    assert not next(line for line in found.lines if line.about == "repeats").evidence


def test_columns_that_end_in_seed_make_repeats() -> None:
    rng = np.random.default_rng(3)
    rows = [
        {"depth": depth, "outer_seed": a, "inner_seed": b, "score_valid": depth / 10 + rng.normal(0, 0.01)}
        for depth in range(1, 6)
        for a in range(2)
        for b in range(2)
    ]
    found = review(rows, direction="maximize", metric="score_valid")
    assert found.imported.state.project.space.names == ("depth",)
    assert len(found.evidence.repeats) == 5


@pytest.mark.parametrize(
    "name",
    ["score_train", "score_test", "traintime", "epoch_diverged", "imagenet1k_acc1", "roc_auc", "train_duration(s)"],
)
def test_results_of_another_split_or_kind_are_no_hyperparameters(name: str) -> None:
    rows = [{"lr": 10.0**-k, name: 0.5 + k / 10, "score_valid": k / 10} for k in range(6)]
    found = review(rows, direction="maximize", metric="score_valid")
    assert found.imported.state.project.space.names == ("lr",)


def test_a_setting_that_only_shares_a_word_with_the_score_stays_one() -> None:
    rows = [{"train_size": 10 * k, "valid_every": k, "valid_loss": 1.0 / k} for k in range(1, 7)]
    found = review(rows, direction="minimize", metric="valid_loss")
    assert found.imported.state.project.space.names == ("train_size", "valid_every")


def test_a_config_id_names_trials_and_its_evaluations_are_readings() -> None:
    rows = [
        {"config_id": f"c{at}", "eval_step": step, "lr": 10.0**-at, "valid_loss": at + 1 / step}
        for at in range(5)
        for step in (1, 2, 3)
    ]
    found = review(rows, direction="minimize", metric="valid_loss")
    assert len(found.imported.state.trials) == 5
    assert found.imported.state.project.space.names == ("lr",)


def _grid_study(low: float) -> Any:
    optuna = pytest.importorskip("optuna")
    rng = np.random.default_rng(5)
    study = optuna.create_study(direction="minimize")
    ranges = {"share": optuna.distributions.FloatDistribution(low, 0.9)}
    for at in range(60):
        share = float(rng.uniform(low, 0.9))
        study.add_trial(
            optuna.trial.create_trial(
                params={"share": share},
                distributions=ranges,
                value=(share - 0.45) ** 2 + rng.normal(0, 1e-4),
                system_attrs={"grid_id": at},
            )
        )
    return study


def test_an_end_that_was_not_asked_about_is_not_called_clear() -> None:
    """Nothing lies below 0: of such a range only the top is spoken of."""
    from_zero = [line for line in review(_grid_study(0.0), min_effect=0.01).lines if line.word == "fine"]
    text = next(line.text.en for line in from_zero if line.about == "boundary")
    assert text == "share (top): the best trials stay clear of the end that can be moved."
    inside = [line for line in review(_grid_study(0.01), min_effect=0.01).lines if line.word == "fine"]
    assert "both ends" in next(line.text.en for line in inside if line.about == "boundary")


def test_where_the_sampler_is_not_recorded_no_one_is_said_to_have_chosen() -> None:
    rng = np.random.default_rng(7)
    rows = [{"lr": (lr := 10 ** rng.uniform(-5, -3)), "err": (np.log10(lr) + 1.5) ** 2 / 50} for _ in range(60)]
    found = review(rows, direction="minimize", metric="err", min_effect=0.002)
    line = next(line for line in found.lines if line.about == "boundary:lr:high")
    said = " ".join(each.en for each in line.evidence)
    assert "not recorded" in said
    assert "sampler chose" not in said


def _declared(sampler: dict[str, int], draw: Any) -> Any:
    """60 trials of two learning rates on declared ranges; only `lr` has an effect, and a large one."""
    optuna = pytest.importorskip("optuna")
    rng = np.random.default_rng(9)
    ranges = {name: optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True) for name in ("lr", "dead")}
    study = optuna.create_study(direction="minimize")
    for _ in range(60):
        point = {"lr": float(draw(rng)), "dead": float(10 ** rng.uniform(-4, -1))}
        value = 0.1 * (np.log10(point["lr"]) + 2.5) ** 2 + rng.normal(0, 1e-3)
        study.add_trial(
            optuna.trial.create_trial(params=point, distributions=ranges, value=value, system_attrs=dict(sampler))
        )
    return study


def test_where_a_sampler_stayed_near_the_best_nothing_is_called_without_effect() -> None:
    near = _declared({"tpe:relative": 1}, lambda rng: 10 ** rng.normal(-2.5, 0.05))
    assert not [line for line in review(near, min_effect=0.02).lines if line.about.startswith("inert")]


@pytest.mark.parametrize("values", [2, 3])
def test_a_range_of_two_or_three_values_is_not_called_clear_of_its_ends(values: int) -> None:
    choices = np.geomspace(1e-4, 1e-1, values)
    found = review(_declared({"grid_id": 1}, lambda rng: rng.choice(choices)), min_effect=0.02)
    fine = [line.text.en for line in found.lines if line.about == "boundary" and line.word == "fine"]
    assert not any("lr" in text for text in fine)


def test_a_table_of_many_unmarked_columns_says_what_it_took_for_settings() -> None:
    rows = [{**{f"c{k}": at * k + 1 for k in range(1, 21)}, "err": 1.0 / (at + 1)} for at in range(8)]
    assert any("20 columns" in note.en for note in review(rows, direction="minimize", metric="err").imported.left_out)
    marked = [{f"config/{k}" if k != "err" else k: v for k, v in row.items()} for row in rows]
    notes = review(marked, direction="minimize", metric="err").imported.left_out
    assert not any("20 columns" in note.en for note in notes)
