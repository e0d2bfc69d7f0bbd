"""From what a user writes ("optuna.db", "sqlite:///optuna.db", "runs/") to the connector that reads it: one table.

A connector is a row of `KINDS`; its module is imported when a source of its kind is read. The first row that
recognises a source reads it; "NAME:SOURCE" names the row outright ("tensorboard:runs").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.recognise import Recognises, database, either, ending, folder, starting
from playnote.connectors.recognise_tables import paired_parquet, results_file, training_log
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source.

    name        what the user may put before a colon: "csv", "tensorboard"
    hint        what to give, shown where a source is not recognised
    reader      "module:function" in this folder, a function (path, wanted) -> Imported that raises only
                `SourceError` and `MissingExtraError` (an `OSError` is told by `read_source`)
    recognises  whether a file or folder is of this kind, from outside; None for addresses alone
    schemes     of the addresses it reads ("https", "postgresql"); the reader then gets the whole address, a str
    """

    name: str
    hint: Text
    reader: str
    recognises: Recognises | None = None
    schemes: tuple[str, ...] = ()

    def read(self, place: Path | str, wanted: Wanted) -> Imported:
        """The trials at a path, or at an address."""
        module, _, function = self.reader.partition(":")
        return cast(Imported, getattr(import_module(f"playnote.connectors.{module}"), function)(place, wanted))


KINDS: tuple[Kind, ...] = (
    Kind(
        name="optuna",
        hint=Text(
            en="an Optuna SQLite file (x.db or sqlite:///x.db)", zh="Optuna 的 SQLite 文件（x.db 或 sqlite:///x.db）"
        ),
        reader="optuna_rdb:read_optuna",
        recognises=database("studies", "trial_params"),
    ),
    Kind(
        name="optuna-journal",
        hint=Text(en="an Optuna journal file (journal.log)", zh="Optuna 的日志文件（journal.log）"),
        reader="optuna_journal:read_journal",
        recognises=starting(b'{"op_code"'),
    ),
    Kind(
        name="optuna-server",
        hint=Text(
            en="Optuna's server database (postgresql://... or mysql://...)",
            zh="Optuna 的服务器数据库（postgresql://... 或 mysql://...）",
        ),
        reader="optuna_library:read_server",
        schemes=("postgresql", "postgres", "mysql", "mariadb"),
    ),
    Kind(
        name="mlflow",
        hint=Text(
            en="MLflow's mlflow.db, its mlruns folder or a server (http://...)",
            zh="MLflow 的 mlflow.db、mlruns 文件夹或服务器地址（http://...）",
        ),
        reader="mlflow:read_mlflow",
        recognises=either(database("experiments", "latest_metrics"), folder("tags/mlflow.*")),
        schemes=("http", "https"),
    ),
    Kind(
        name="trackio",
        hint=Text(en="a trackio project (x.db)", zh="trackio 的项目文件（x.db）"),
        reader="trackio:read_trackio",
        recognises=either(database("metrics", "configs"), paired_parquet),
    ),
    Kind(
        # Before TensorBoard, whose files lie in every trial's folder too.
        name="ray",
        hint=Text(en="a Ray Tune experiment folder", zh="Ray Tune 的实验文件夹"),
        reader="ray_tune:read_ray_tune",
        recognises=folder("params.json", "result.json"),
    ),
    Kind(
        # Before TensorBoard too: a run may hold event files.
        name="wandb-offline",
        hint=Text(en="a W&B folder (wandb/) or run file (x.wandb)", zh="W&B 文件夹（wandb/）或记录文件（x.wandb）"),
        reader="wandb_offline:read_wandb",
        recognises=folder("*.wandb", "files/wandb-summary.json"),
    ),
    Kind(
        name="wandb",
        hint=Text(en="a W&B project (wandb://ENTITY/PROJECT)", zh="W&B 项目（wandb://ENTITY/PROJECT）"),
        reader="wandb_online:read_wandb_project",
        schemes=("wandb",),
    ),
    Kind(
        name="tensorboard",
        hint=Text(en="a TensorBoard folder (runs/)", zh="TensorBoard 文件夹（runs/）"),
        reader="tensorboard:read_tensorboard",
        recognises=folder("*tfevents*"),
    ),
    Kind(
        name="transformers",
        hint=Text(en="a Trainer output folder (trainer_state.json)", zh="Trainer 的输出文件夹（trainer_state.json）"),
        reader="trainer_state:read_trainer_state",
        recognises=folder("trainer_state.json"),
    ),
    Kind(
        name="autoresearch",
        hint=Text(en="autoresearch's results.tsv", zh="autoresearch 的 results.tsv"),
        reader="autoresearch:read_results",
        recognises=results_file,
    ),
    Kind(
        name="csv-log",
        hint=Text(
            en="Lightning or Keras CSV logs (a file, or a folder of them)",
            zh="Lightning 或 Keras 的 CSV 日志（一个文件或一个文件夹）",
        ),
        reader="csv_logs:read_csv_logs",
        recognises=training_log,
    ),
    Kind(
        name="csv",
        hint=Text(en="a table (x.csv, x.jsonl, x.parquet)", zh="表格（x.csv、x.jsonl、x.parquet）"),
        reader="table_csv:read_table",
        recognises=ending(".csv", ".tsv", ".jsonl", ".parquet"),
    ),
)
# What a database is taken for when no row knows its tables: its reader says best what is wrong with it.
_DATABASE = "optuna"
_ENDINGS = ending(".db", ".sqlite", ".sqlite3")
_UNKNOWN = Text(en="this kind of source is not known.", zh="不认识这种来源。")
_ABSENT = Text(en="there is no such file or folder.", zh="没有这个文件或文件夹。")


def read_source(source: str, wanted: Wanted = Wanted()) -> Imported:
    """Trials of a source; `SourceError` with problem and fix for everything that cannot be read."""
    named, _, rest = source.partition(":")
    kind = next((each for each in KINDS if each.name == named and rest and not rest.startswith("//")), None)
    try:
        return _read(rest if kind else source, source, kind, wanted)
    except OSError as error:
        raise unreadable(source, str(error.strerror or error), _give()) from None


def _read(place: str, source: str, kind: Kind | None, wanted: Wanted) -> Imported:
    scheme, slashes, rest = place.partition("://")
    if slashes and scheme != "sqlite":
        kind = kind or next((each for each in KINDS if scheme.partition("+")[0] in each.schemes), None)
        if kind is None or scheme.partition("+")[0] not in kind.schemes:
            raise unreadable(source, _UNKNOWN, _give())
        return kind.read(place, wanted)
    if kind is not None and kind.recognises is None:
        return kind.read(place, wanted)
    path = Path(rest.removeprefix("/") if slashes else place)
    if not path.exists():
        raise unreadable(source, _ABSENT, _give())
    kind = kind or next(_fitting(path, slashes == "://"), None)
    if kind is None:
        raise unreadable(source, _UNKNOWN, _give())
    return kind.read(path, wanted)


def _fitting(path: Path, said_database: bool) -> Iterator[Kind]:
    yield from (kind for kind in KINDS if kind.recognises is not None and kind.recognises(path))
    if said_database or _ENDINGS(path):
        yield from (kind for kind in KINDS if kind.name == _DATABASE)


def _give() -> Text:
    """All that can be given, from the table."""
    return Text(en="Give {kinds}.", zh="可以给：{kinds}。").fill(
        kinds=Text(en="; ".join(kind.hint.en for kind in KINDS), zh="；".join(kind.hint.zh for kind in KINDS))
    )


__all__ = ["KINDS", "Kind", "read_source"]
