"""MLflow, in whichever of its three stores: a SQLite file, the older folder of text files, or a server."""

from __future__ import annotations

from pathlib import Path

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.mlflow_folder import read_mlflow_folder
from playnote.connectors.mlflow_rest import read_mlflow_server
from playnote.connectors.mlflow_sql import read_mlflow_db


def read_mlflow(place: Path | str, wanted: Wanted) -> Imported:
    """The runs of the one experiment that has any, or of the one named by `wanted.study`."""
    if isinstance(place, str) and "://" in place:
        return read_mlflow_server(place, wanted)
    path = Path(place)
    return read_mlflow_folder(path, wanted) if path.is_dir() else read_mlflow_db(path, wanted)


__all__ = ["read_mlflow"]
