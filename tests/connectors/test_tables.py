"""The shapes of a table are told apart by its columns; where they cannot be, the error says what to change."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.table import imported_columns, shape_of
from playnote.errors import MissingExtraError, SourceError


def read(path: Path, metric: str | None = "loss", text: str | None = None) -> Imported:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return read_source(str(path), Wanted(metric=metric, direction="minimize"))


@pytest.mark.parametrize(
    ("columns", "shape"),
    [
        ({"lr": [1, 2], "loss": [1, 2]}, "wide"),
        ({"trial": [1, 2], "epoch": [5, 10], "loss": [1, 2]}, "wide"),
        ({"name": ["adam", "adam"], "epoch": [5, 10], "loss": [1, 2]}, "wide"),
        ({"trial": [1, 1], "step": [0, 1], "loss": [1, 2]}, "readings"),
        ({"run": ["a", "a"], "step": [0, 1], "metric": ["x", "x"], "value": [1, 2]}, "long"),
        ({"run": ["a", "a"], "name": ["x", "y"], "value": [1, 2]}, "long"),
    ],
)
def test_a_shape_is_told_by_the_columns(columns: dict[str, list[object]], shape: str) -> None:
    assert shape_of(columns) == shape


def test_rows_that_share_trial_and_step_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a row a trial or a reading") as caught:
        read(tmp_path / "t.csv", text="trial,epoch,loss\na,10,1\na,10,2\nb,10,3\n")
    assert "epoch" in caught.value.fix.en


def test_the_tables_of_other_tools_mark_settings_with_a_prefix(tmp_path: Path) -> None:
    got = read(
        tmp_path / "optuna.csv",
        None,
        "number,value,params_lr,params_opt,user_attrs_x,state\n0,0.5,0.1,adam,1,COMPLETE\n1,,0.2,sgd,2,FAIL\n"
        "2,0.7,0.3,sgd,3,PRUNED\n",
    )
    assert [dict(trial.configuration) for trial in got.state.trials] == [
        {"lr": 0.1, "opt": "adam"},
        {"lr": 0.2, "opt": "sgd"},
        {"lr": 0.3, "opt": "sgd"},
    ]
    assert [trial.outcome for trial in got.state.trials] == ["ok", "failed", "pruned"]
    runs = "run_id,params.lr,metrics.loss,tags.x\nab,0.1,0.5,q\ncd,0.2,0.4,q\n"
    assert read(tmp_path / "mlflow.csv", "loss", runs).state.trials[0].configuration == {"lr": 0.1}


def test_columns_that_are_results_by_name_are_no_hyperparameters(tmp_path: Path) -> None:
    got = read(tmp_path / "t.csv", "val_loss", "lr,train_loss,seconds,val_loss\n0.1,1,3,0.5\n0.2,2,4,0.4\n")
    assert got.state.project.space.names == ("lr",)
    assert got.state.trials[0].seconds == 3.0
    assert any("train_loss" in note.en for note in got.left_out)


def test_cells_with_line_ends_quotes_and_other_separators_stay_whole(tmp_path: Path) -> None:
    got = read(tmp_path / "t.csv", text='lr,act,loss\n0.1,"a\n""b"",;<b>\u2028x",1\n0.2,c,2\n')
    assert got.state.trials[0].configuration["act"] == 'a\n"b",;<b>\u2028x'
    semicolon = read(tmp_path / "s.csv", text="lr;loss\n0.1;1\n0.2;2\n")
    assert semicolon.state.project.space.names == ("lr",)


@pytest.mark.parametrize("text", ["", "\n", "lr,loss\n", "trial,step,metric,value\n"])
def test_a_table_without_rows_is_one_clear_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read(tmp_path / "t.csv", text=text)


def test_parquet_asks_for_a_library_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.split(".")[0] in ("pyarrow", "polars"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    for name in [name for name in sys.modules if name.split(".")[0] in ("pyarrow", "polars")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingExtraError, match="pip install pyarrow"):
        read(tmp_path / "t.parquet")


def test_columns_in_memory_are_read_as_a_file_is() -> None:
    columns = {"trial": ["a", "a", "b"], "step": [0, 1, 0], "loss": [1.0, float("nan"), 2.0], "lr": [0.1, 0.1, None]}
    got = imported_columns(columns, Wanted(direction="minimize"), where="frame", name="frame", origin="frame")
    assert [trial.outcome for trial in got.state.trials] == ["nan", "ok"]
    assert [dict(trial.configuration) for trial in got.state.trials] == [{"lr": 0.1}, {"run": "b"}]
