"""MLflow's SQLite store, read with plain SQL from a temporary copy.

Deleted runs and experiments are left out; a metric's history is read when it is asked for.
"""

from __future__ import annotations

import sqlite3
import weakref
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.mlflow_runs import Logged, chosen, imported_experiment, stored
from playnote.connectors.series import series
from playnote.connectors.sqlite_copy import in_memory
from playnote.records.curves import Curve
from playnote.text import Text

_DAMAGED = Text(en="its tables are damaged or of another version ({why}).", zh="表已损坏，或版本不同（{why}）。")
_UPGRADE = Text(
    en="Open it once with a current MLflow (mlflow db upgrade), or make a new copy.",
    zh="先用新版 MLflow 打开一次（mlflow db upgrade），或者重新拷贝。",
)
_INDEXED = "select sql from sqlite_master where type = 'index' and tbl_name = 'metrics'"
_OWN = "run_uuid in (select run_uuid from runs where experiment_id = ? and lifecycle_stage = 'active')"


def read_mlflow_db(path: Path | str, wanted: Wanted) -> Imported:
    """The runs of the one experiment of a database, or of the one named."""
    memory = in_memory(Path(path))
    try:
        return _read(memory, str(path), wanted)
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        memory.close()
        raise unreadable(str(path), _DAMAGED.fill(why=error), _UPGRADE) from None
    except Exception:
        memory.close()
        raise


def _read(memory: sqlite3.Connection, where: str, wanted: Wanted) -> Imported:
    experiments = memory.execute(
        "select experiment_id, name from experiments where lifecycle_stage = 'active' and experiment_id in"
        " (select experiment_id from runs where lifecycle_stage = 'active') order by experiment_id"
    ).fetchall()
    number, name = chosen(where, [(str(each[0]), str(each[1])) for each in experiments], wanted.study)

    def history(run: str, key: str) -> Curve:
        rows = memory.execute(
            "select step, value, is_nan from metrics where run_uuid = ? and key = ? order by step, timestamp",
            (run, key),
        ).fetchall()
        return series([row[0] for row in rows], [stored(row[1], row[2]) for row in rows])

    if not any("run_uuid" in str(row[0]) for row in memory.execute(_INDEXED)):
        # Stores of old versions lack the index, and without it every history reads the whole table.
        memory.execute("create index playnote_runs on metrics (run_uuid, key)")
    weakref.finalize(history, memory.close)
    return imported_experiment(where, name, _logged(memory, int(number)), history, wanted)


def _logged(memory: sqlite3.Connection, experiment: int) -> list[Logged]:
    keys: dict[str, list[str]] = {}
    for run, key in memory.execute(
        f"select run_uuid, key from latest_metrics where {_OWN} order by key", (experiment,)
    ):
        keys.setdefault(run, []).append(str(key))
    params, tags = _texts(memory, "params", experiment), _texts(memory, "tags", experiment)
    rows = memory.execute(
        "select run_uuid, name, status, start_time, end_time from runs"
        " where experiment_id = ? and lifecycle_stage = 'active'",
        (experiment,),
    ).fetchall()
    return [
        Logged(
            id=run,
            name=tags.get(run, {}).get("mlflow.runName") or str(name or ""),
            status=str(status),
            start=start,
            end=end,
            params=params.get(run, {}),
            keys=keys.get(run, ()),
            tags=tags.get(run, {}),
        )
        for run, name, status, start, end in rows
    ]


def _texts(memory: sqlite3.Connection, table: str, experiment: int) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for run, key, value in memory.execute(f"select run_uuid, key, value from {table} where {_OWN}", (experiment,)):
        found.setdefault(run, {})[str(key)] = str(value)
    return found


__all__ = ["read_mlflow_db"]
