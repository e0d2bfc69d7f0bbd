"""The measured section: each procedure's latest answer, its picture before and after, and the edit it proposes."""

from __future__ import annotations

import pytest

from playnote.plots.measured import Setting, before_after_data, measure_before_after, sweep_spec
from playnote.reports.measured import measured_parts
from playnote.service.measure import measure
from playnote.service.report import report_page
from playnote.service.rounds import round_new
from playnote.service.session import open_project

PROJECT = """
[project]
name = "spikes"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.002

[workflow]
function = "train:train"
max_train_steps = 300
evaluate_every = 50

[hyperparameters]
lr = { low = 0.003, high = 3.0, scale = "log", group = "optimizer" }
clip_norm = { low = 0.001, high = 10.0, scale = "log", off = 0.0 }
schedule = { choices = ["constant", "cosine"] }

[baseline]
lr = 0.3
clip_norm = 0.0
schedule = "constant"
"""
# A bowl on which one step in fifty has a gradient a thousand times too large.
CODE = """
import random

def train(trial, max_train_steps):
    c, x, rng = trial.configuration, 1.0, random.Random(trial.seed)
    for step in range(max_train_steps):
        gradient = x + 0.001 * rng.gauss(0, 1) + (30 * rng.choice((-1, 1)) if step > 60 and rng.random() < 0.02 else 0)
        trial.log(step, {"train/loss": 0.5 * x * x + 1e-6, "grad_norm": abs(gradient)})
        if c["clip_norm"]:
            gradient *= min(1.0, c["clip_norm"] / abs(gradient))
        x -= c["lr"] * gradient
        if abs(x) > 1e30:
            break
    trial.log(max_train_steps, {"dev/error": 0.5 * x * x})
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spikes")
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(CODE, encoding="utf-8")
    session = open_project(folder)
    list(measure(session, "lr", on="inline"))
    list(measure(session, "clipping", on="inline"))
    round_new(session, "Is a lower rate better?", {"schedule": ("constant", "cosine")}, 4)
    return session


def test_each_procedure_has_its_answer_its_rows_and_its_proposed_edit(opened):
    parts = {part.name: part for part in measured_parts(opened.state())}
    assert list(parts) == ["lr", "clipping"]
    clipping = parts["clipping"]
    assert clipping.answer == "yes"
    assert [place for place, _ in clipping.edits] == ["baseline.clip_norm"]
    assert clipping.columns == ("threshold", "clipped", "shrunk to")
    assert clipping.message.en != clipping.message.zh
    assert parts["lr"].rows


def test_the_picture_of_clipping_shows_the_runs_before_and_after(opened):
    part = next(part for part in measured_parts(opened.state()) if part.name == "clipping")
    labels = [line["label"] for figure in part.figures for line in figure.drawing["en"]["lines"]]
    assert any(label.startswith("before: lr 0.3 ·") for label in labels)
    assert any(label.startswith("after: lr 0.3, clip_norm") for label in labels)
    zh = [line["label"] for figure in part.figures for line in figure.drawing["zh"]["lines"]]
    assert any(label.startswith("处理后：") for label in zh)


def test_the_report_of_a_round_holds_the_section_and_its_pictures(opened):
    page, _ = report_page(opened, None)
    assert 'id="h-measured"' in page
    assert "playnote measure clipping --apply" in page
    assert "measured-lr-sweep" in page
    assert 'id="measured-clipping-0"' in page


def test_a_project_without_measurements_has_no_section(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.py").write_text(CODE, encoding="utf-8")
    session = open_project(tmp_path)
    round_new(session, "Is a lower rate better?", {"schedule": ("constant", "cosine")}, 4)
    page, _ = report_page(session, None)
    assert 'id="h-measured"' not in page


def test_what_explodes_leaves_the_picture_and_the_others_stay_readable(made_curves):
    settings = [Setting("lr 9", "before", ("a",)), Setting("lr 9, warmup_steps 5", "after", ("b",))]
    facts = measure_before_after(made_curves, "train/loss", settings, "steps")
    low, high = before_after_data(facts, "en")["range"]
    assert high < 10
    assert low < 0.1


def test_a_remedy_that_failed_does_not_flatten_the_picture_either(made_curves):
    settings = [Setting("lr 9, warmup_steps 5", "after", ("b", "a"))]
    facts = measure_before_after(made_curves, "train/loss", settings, "steps")
    low, high = before_after_data(facts, "en")["range"]
    assert low < 0.1
    assert high < 10


def test_a_rate_that_diverged_stands_on_the_upper_edge_and_is_called_unstable():
    rows = [{"lr": 0.1, "error": 0.4, "stable": True}, {"lr": 1.0, "error": None, "stable": False}]
    spec = sweep_spec(rows, "lr", "dev/error", "en")
    values = spec["data"]["values"]
    assert [each["kind"] for each in values] == ["stable", "unstable"]
    assert values[1]["error"] > values[0]["error"]
    assert sweep_spec([{"lr": 1.0, "error": None, "stable": False}], "lr", "dev/error", "en") is None


class Curves:
    """Two runs: one explodes, the other falls to 0.1."""

    def metrics(self, trial):
        return ("train/loss",)

    def curve(self, trial, metric):
        import numpy as np

        from playnote.records.curves import Curve

        steps = np.arange(50.0)
        return Curve(steps, np.exp(steps) if trial == "a" else 0.1 + 2.0 * np.exp(-steps / 5))


@pytest.fixture
def made_curves():
    return Curves()
