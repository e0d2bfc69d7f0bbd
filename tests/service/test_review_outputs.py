"""What a review writes: one offline page, the next points in other tools' forms, frames in and out."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import playnote
from playnote.errors import InputError
from playnote.interfaces.python.review import ShownReview
from playnote.projectfile.read import read_project

optuna = pytest.importorskip("optuna")
pandas = pytest.importorskip("pandas")
optuna.logging.set_verbosity(optuna.logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")
HOSTILE = "</script><script>alert(1)</script>"


def _study(path: Path, name: str = "net", high: float = 1e-3) -> Any:
    study = optuna.create_study(
        storage=f"sqlite:///{path}", study_name=name, sampler=optuna.samplers.TPESampler(seed=5)
    )

    def objective(trial: Any) -> float:
        lr = trial.suggest_float("lr", 1e-5, high, log=True)
        kind = trial.suggest_categorical("kind", ["relu", HOSTILE])
        for step in range(8):
            trial.report((math.log10(lr) + 1.5) ** 2 + 1 / (step + 1) + (kind != "relu"), step)
        return (math.log10(lr) + 1.5) ** 2 + 1 / 8 + float(kind != "relu")

    study.optimize(objective, n_trials=40)
    return study


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ShownReview]:
    path = tmp_path_factory.mktemp("review") / "study.db"
    _study(path, name=HOSTILE)
    return path, playnote.review(str(path))


def _frame() -> Any:
    rng = np.random.default_rng(3)
    lr, kind = 10 ** rng.uniform(-5, -1, 60), rng.choice(["a", "b"], 60)
    return pandas.DataFrame(
        {"lr": lr, "kind": kind, "err": 0.1 + 0.02 * (np.log10(lr) + 3) ** 2 + rng.normal(0, 1e-3, 60)}
    )


def test_the_page_loads_nothing_and_runs_only_what_it_names(narrow: tuple[Path, ShownReview], tmp_path: Path) -> None:
    page = narrow[1].report(tmp_path / "review.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy.group(1)
    assert "unsafe" not in policy.group(1)
    assert '<span class="zh" lang="zh-CN">' in page
    drawings = json.loads(re.findall(r'id="drawings">(.*?)</script>', page, re.DOTALL)[0])["figures"]
    assert {"axis-0", "isolation-0", "curves"} <= set(drawings)


def test_a_script_of_the_next_points_puts_them_into_the_study(narrow: tuple[Path, ShownReview], tmp_path: Path) -> None:
    path, found = narrow
    assert found.step.kind == "widen"
    script = tmp_path / "next.py"
    found.write_next(script)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert "16 trials enqueued" in done.stdout
    study = optuna.load_study(study_name=HOSTILE, storage=f"sqlite:///{path}")
    waiting = [t.system_attrs["fixed_params"] for t in study.trials if t.state.name == "WAITING"]
    assert waiting == [dict(each) for each in found.step.configurations]
    assert max(point["lr"] for point in waiting) > 1e-3


def test_points_go_straight_into_a_storage_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    _study(path)
    found = playnote.review(path)
    assert "16 points enqueued in study net" in found.write_next(path)
    study = optuna.load_study(study_name="net", storage=f"sqlite:///{path}")
    assert sum(t.state.name == "WAITING" for t in study.trials) == 16


def test_sweeps_projects_and_tables_of_the_next_step_read_back(
    narrow: tuple[Path, ShownReview], tmp_path: Path
) -> None:
    found = narrow[1]
    sweep = Path(found.write_next(tmp_path / "next.yaml")).read_text(encoding="utf-8")
    rows = dict(line.split(": ", 1) for line in sweep.splitlines() if line.startswith("  "))
    lr = json.loads(rows['  "lr"'])
    assert lr["distribution"] == "log_uniform_values"
    assert lr["max"] > 1e-3
    project = read_project(Path(found.write_next(tmp_path / "playnote.toml")))
    assert project.space["lr"].high > 1e-3  # type: ignore[union-attr]
    with Path(found.write_next(tmp_path / "next.csv")).open(encoding="utf-8") as file:
        assert [float(row["lr"]) for row in csv.DictReader(file)] == [p["lr"] for p in found.step.configurations]
    assert json.loads(Path(found.write_next(tmp_path / "next.json")).read_text()) == [
        dict(each) for each in found.step.configurations
    ]
    assert tomllib.loads((tmp_path / "playnote.toml").read_text(encoding="utf-8"))["project"]["name"] == HOSTILE
    with pytest.raises(InputError, match="ends in"):
        found.write_next(tmp_path / "next.exe")


def test_a_frame_goes_in_and_comes_out(tmp_path: Path) -> None:
    given = _frame()
    found = playnote.review(given, direction="minimize", metric="err", min_effect=0.002)
    back = found.frame()
    assert back["lr"].tolist() == given["lr"].tolist()
    assert back["err"].tolist() == given["err"].tolist()
    assert back["kind"].tolist() == given["kind"].tolist()
    with pytest.raises(InputError):
        playnote.review(given, metric="err")


def test_a_review_reads_as_text_and_as_escaped_html(narrow: tuple[Path, ShownReview]) -> None:
    found = narrow[1]
    assert "LIKELY" in found.text("en")
    assert "多半" in found.text("zh")
    assert repr(found) == str(found)
    assert "<script" not in found._repr_html_()


def test_repeats_of_a_configuration_are_seeds_and_copies_are_not() -> None:
    rng = np.random.default_rng(2)
    rows = [{"lr": 10.0**-k, "err": k + rng.normal(0, 0.1)} for k in range(1, 6) for _ in range(4)]
    found = playnote.review(rows, direction="minimize", metric="err")
    line = next(line for line in found.lines if line.about == "repeats")
    assert "20 runs of 5 configurations" in line.text.en
    assert found.evidence.seed_sd == pytest.approx(
        math.sqrt(np.mean([np.var([r["err"] for r in rows[4 * k : 4 * k + 4]], ddof=1) for k in range(5)]))
    )
    same = playnote.review(
        [{"lr": 10.0**-k, "err": float(k)} for k in range(1, 6) for _ in range(3)], direction="minimize", metric="err"
    )
    assert same.evidence.seed_sd is None
    assert "exactly the same score" in next(line for line in same.lines if line.about == "repeats").text.en


def test_a_choice_that_matters_is_compared_where_nothing_chose_the_trials() -> None:
    study = optuna.create_study(sampler=optuna.samplers.QMCSampler(seed=1))

    def objective(trial: Any) -> float:
        kind = trial.suggest_categorical("kind", ["a", "b"])
        return abs(math.log10(trial.suggest_float("lr", 1e-5, 1e-1, log=True)) + 3) + (kind == "b")

    study.optimize(objective, n_trials=60)
    line = next(line for line in playnote.review(study).lines if line.about == "split:kind")
    assert line.word == "likely"
    assert "a does better than b" in line.text.en


def test_points_bear_the_names_of_other_tools(tmp_path: Path) -> None:
    rows = [{"optim/lr": 10.0**-k, "err": float(k)} for k in range(1, 7)]
    found = playnote.review(rows, direction="minimize", metric="err")
    assert found.step.kind == "sample"
    assert {name for point in found.step.configurations for name in point} == {"optim/lr"}
