"""The procedures over a real ledger: taken up where they stopped, applied to the file, and asked for on the command line."""

import json
import sys
from collections import Counter

import pytest

from playnote.interfaces.cli.app import main
from playnote.ledger import Ledger
from playnote.service.measure import Measured, measure
from playnote.service.session import open_project

PROJECT = """
[project]
name = "choices"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
read = "last"

[workflow]
function = "train:train"
max_train_steps = 100
evaluate_every = 10

[hyperparameters]
lr = { low = 0.01, high = 0.4, scale = "log", group = "optimizer" }   # of the head
batch_size = { low = 8, high = 64, scale = "log" }
transfer = { choices = ["head", "full", "scratch"] }
domain_weight = { low = 0.0, high = 1.0 }
workers = { low = 0, high = 2 }
warmup_steps = { low = 0, high = 100 }
clip_norm = { low = 0.01, high = 10.0, scale = "log", off = 0.0 }
schedule = { choices = ["constant", "cosine"] }

[baseline]
lr = 0.2
batch_size = 8
transfer = "scratch"
domain_weight = 0.0
workers = 0
warmup_steps = 0
clip_norm = 0.0
schedule = "constant"
"""
# Gradient descent on 2 x^2: stable up to a rate of 0.5. A step takes 10 ms to 16 examples, and twice as long for twice as many.
CODE = """
import math, random

def train(trial, max_train_steps):
    c, x = trial.configuration, 1.0
    step_seconds = max(0.01, 0.01 * c["batch_size"] / 16)
    for step in range(max_train_steps):
        norm = abs(4 * x)
        row = {"train/loss": 2 * x * x, "grad_norm": norm, "step_seconds": step_seconds, "data_wait": 0.0}
        trial.log(step, row)
        slope = 4 * x if not c["clip_norm"] or norm <= c["clip_norm"] else math.copysign(c["clip_norm"], x)
        x -= c["lr"] * slope
        if abs(x) > 1e30:
            return
        if step % 10 == 9:
            noise = random.Random(f"{trial.seed}{step}{sorted(c.items())}").gauss(0, 0.001)
            floor = {"head": 0.1, "full": 0.1, "scratch": 0.2}[c["transfer"]] - 0.05 * c["domain_weight"]
            trial.log(step, {"dev/error": floor + 0.02 * abs(math.log10(c["lr"])) + noise + 0.05 * (step > 60)})
"""


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.py").write_text(CODE, encoding="utf-8")
    return open_project(tmp_path)


def run(opened, name, **more):
    *_, last = measure(opened, name, on="inline", **more)
    assert isinstance(last, Measured)
    return last


def attempts(opened):
    return Counter(event.data["trial"] for event in Ledger.open(opened.home).events("attempt-started"))


def test_a_comparison_that_was_left_goes_on_with_the_rest_alone(opened):
    options = {"trials": 8, "seeds": 2}
    stopped = measure(opened, "transfer-strategy", options=options, on="inline")
    for step in stopped:
        if getattr(step, "done", 0) == 9:
            break
    stopped.close()
    assert not opened.state().events("measurement")
    found = run(opened, "transfer-strategy", options=options)
    assert set(attempts(opened).values()) == {1}
    assert len(found.trials) >= 3 * 10
    assert found.found.results[0][1]["best"] == "head"


def test_applying_a_comparison_edits_the_baseline_keeps_comments_and_runs_nothing_again(opened):
    options = {"trials": 8, "seeds": 3}
    proposed = run(opened, "domain-weights", options=options)
    assert proposed.found.edits["baseline", "domain_weight"] == 1.0
    before = attempts(opened)
    applied = run(opened, "domain-weights", options=options, apply=True)
    assert applied.applied
    assert attempts(opened) == before
    text = (opened.home.parent / "playnote.toml").read_text(encoding="utf-8")
    assert "# of the head" in text
    assert open_project(opened.project.folder).project.baseline["domain_weight"] == 1.0


def test_selection_looks_at_what_is_on_record_and_runs_nothing(opened):
    run(opened, "seeds", options={"seeds": 3})
    before = attempts(opened)
    found = run(opened, "checkpoint-selection")
    assert attempts(opened) == before
    assert found.found.edits == {("objective", "read"): "best"}
    assert found.found.label == "yes"


def test_the_answers_read_as_json(opened):
    for name in ("input", "batch-size-compare", "end-to-end-or-pipeline"):
        found = run(opened, name, options={"trials": 8, "seeds": 2})
        json.dumps(found.as_json(), allow_nan=False)


def typed(opened, monkeypatch, capsys, *words):
    monkeypatch.chdir(opened.home.parent)
    monkeypatch.setattr(sys, "argv", ["playnote", "measure", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code, capsys.readouterr().err
    return capsys.readouterr().out


def test_answers_on_the_command_line_reach_the_project_file(opened, monkeypatch, capsys):
    words = ("end-to-end-or-pipeline", "--limited-data", "--easy-labels")
    out = typed(opened, monkeypatch, capsys, *words, "--apply", "--lang", "zh")
    assert "分阶段" in out
    task = open_project(opened.project.folder).project.task
    assert (task["pairs"], task["intermediate_labels"]) == ("limited", "easy")


def test_after_the_batch_ladder_the_command_says_what_to_tune_again(opened, monkeypatch, capsys):
    out = typed(opened, monkeypatch, capsys, "batch-size", "--cap", "32")
    assert "Take batch size 16" in out
    assert "baseline.batch_size = 16" in out
    assert "tune again: lr, warmup_steps, clip_norm, schedule" in out
    assert "0.283 (square root) and 0.4 (linear)" in out
    assert "runs at 8 and at 16 are not to be compared" in out


def test_the_stability_ladder_on_the_command_line_tries_the_playbooks_order(opened, monkeypatch, capsys):
    # 1.5 is above the limit of 0.5 from the first step: no warmup helps, clipping only bounds it, a lower rate cures.
    loud = PROJECT.replace("lr = 0.2", "lr = 1.5").replace("high = 0.4", "high = 10.0")
    (opened.home.parent / "playnote.toml").write_text(loud, encoding="utf-8")
    typed(opened, monkeypatch, capsys, "lr")
    out = json.loads(typed(opened, monkeypatch, capsys, "remedy", "--json"))
    found = out.get("data", out)
    tried = [row["remedy"] for row in found["results"]]
    assert tried == ["warmup", "clipping", "architecture", "lower-lr"]
    assert [row["remedy"] for row in found["results"] if row["cured"]] == ["lower-lr"]
    assert found["edits"]["baseline.lr"] <= 0.5
