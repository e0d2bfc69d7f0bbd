"""A review finds what was planted, and says nothing against a healthy study."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.review_view import show_review
from playnote.service.review import Review, review


def _study(path: Path, low: float, high: float) -> Review:
    """Quadratic in log lr with its best at 0.03; 60 rows over [low, high], log-uniform."""
    rng = np.random.default_rng(7)
    rows = ["lr,decay,kind,error"]
    for at in range(60):
        lr = math.exp(rng.uniform(math.log(low), math.log(high)))
        decay = 10 ** rng.uniform(-6, -2)
        error = 0.1 + 0.02 * (math.log10(lr / 0.03)) ** 2 + 0.01 * (math.log10(decay) + 4) ** 2 + rng.normal(0, 5e-4)
        rows.append(f"{lr},{decay},{'ab'[at % 2]},{error}")
    path.write_text("\n".join(rows))
    return review(str(path), direction="minimize", metric="error", min_effect=0.002)


def test_a_range_that_stops_too_early_is_found(tmp_path: Path) -> None:
    found = _study(tmp_path / "t.csv", 1e-5, 1e-3)
    line = next(line for line in found.lines if line.about == "boundary:lr:high")
    assert line.word in ("sure", "likely")
    assert "lr" in found.next.en


def test_a_healthy_study_raises_no_boundary(tmp_path: Path) -> None:
    found = _study(tmp_path / "t.csv", 1e-3, 1.0)
    assert not [line for line in found.lines if line.about.startswith("boundary:") and line.word in ("sure", "likely")]


def test_lines_stand_in_the_order_of_their_words_and_are_plain_json(tmp_path: Path) -> None:
    found = _study(tmp_path / "t.csv", 1e-3, 1.0)
    words = [line.word for line in found.lines]
    assert words == sorted(words, key=["sure", "likely", "fine", "unknown"].index)
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["counts"] == {"ok": 60}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_terminal_shows_at_most_five_open_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    found = _study(tmp_path / "t.csv", 1e-3, 1.0)
    show_review(found, Face(language="zh" if language == "zh" else "en"))
    shown = capsys.readouterr().out
    assert shown.count(" -> ") <= 6
    assert "{" not in shown


def test_signs_that_move_a_terminal_are_shown_as_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    names = ("x", "\x1b[2Jy")
    rows = [f"{k},{names[k % 2]},{(k - 8) ** 2}" for k in range(20)]
    path.write_text("a,b\x1b]0;owned\x07,error\n" + "\n".join(rows))
    show_review(review(str(path), direction="minimize", metric="error"), Face())
    assert "\x1b" not in capsys.readouterr().out


def test_a_number_with_few_values_can_be_the_scientific_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("layers,lr,error\n" + "\n".join(f"{k % 3},{k},{k % 3 + k / 50}" for k in range(36)))
    found = review(str(path), direction="minimize", metric="error", scientific="layers")
    line = next(line for line in found.lines if line.about == "split:layers")
    assert line.evidence[0].en.startswith("0: best 0 (#0)")
    with pytest.raises(InputError, match="36 values"):
        review(str(path), direction="minimize", metric="error", scientific="lr")


def test_an_impossible_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="sideways"):
        review(str(tmp_path / "t.csv"), direction="sideways")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("high", "narrow"), [(3e-3, True), (1.0, False)])
def test_a_default_optuna_study_shows_only_what_was_planted(tmp_path: Path, high: float, narrow: bool) -> None:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng = np.random.default_rng(3)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3))

    def objective(trial: Any) -> float:
        lr = trial.suggest_float("lr", 1e-5 if narrow else 1e-3, high, log=True)
        decay = trial.suggest_float("decay", 1e-6, 1e-2, log=True)
        error = 0.1 + 0.02 * math.log10(lr / 0.03) ** 2 + 0.01 * (math.log10(decay) + 4) ** 2
        return float(error + rng.normal(0, 5e-4))

    study.optimize(objective, n_trials=60)
    where = tmp_path / "study.db"
    optuna.copy_study(
        from_study_name=study.study_name,
        from_storage=study._storage,
        to_storage=f"sqlite:///{where}",
    )
    found = review(str(where))
    yes = [line.about for line in found.lines if line.about.startswith("boundary:") and line.word in ("sure", "likely")]
    assert yes == (["boundary:lr:high"] if narrow else [])
    # TPE goes where it found something: its trials alone never make a range's end sure.
    assert all(line.word != "sure" for line in found.lines if line.about.startswith("boundary:"))
