"""MLflow's older store, a folder of text files: <experiment>/<run>/{meta.yaml,params,metrics,tags}.

A metric's file has one line a value: milliseconds, value, step. Links are not followed, and what was deleted
(lifecycle_stage, `.trash`) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.mlflow_runs import Logged, chosen, imported_experiment
from playnote.connectors.plain_yaml import read_settings
from playnote.connectors.recognise import files_under
from playnote.connectors.series import series
from playnote.records.curves import Curve

_STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_MOST = 5_000_000  # names looked at
_TEXT = 1 << 16  # bytes of a parameter or tag
_PARTS = ("params", "metrics", "tags")


def read_mlflow_folder(path: Path | str, wanted: Wanted) -> Imported:
    """The runs of the one experiment of a folder, or of the one named."""
    folders = _folders(Path(path))
    names = {folder: meta for folder, meta in _metas(folders) if "run_id" not in meta and "run_uuid" not in meta}
    runs = {folder: meta for folder, meta in _metas(folders) if "run_id" in meta or "run_uuid" in meta}
    active = [folder for folder, meta in runs.items() if meta.get("lifecycle_stage", "active") == "active"]
    experiments = dict.fromkeys(folder.parent for folder in active)
    for folder in experiments:
        names.setdefault(folder, {})
    told = [
        (str(folder.name), str(names[folder].get("name") or folder.name))
        for folder in experiments
        if names[folder].get("lifecycle_stage", "active") == "active"
    ]
    number, name = chosen(str(path), told, wanted.study)
    mine = [folder for folder in active if folder.parent.name == number]
    logged = [_logged(folder, runs[folder], folders[folder]) for folder in mine]
    files = {_id(runs[folder], folder): _keyed(folders[folder], folder, "metrics") for folder in mine}

    def history(run: str, key: str) -> Curve:
        rows = list(_rows(files[run][key].read_bytes()))
        return series([step for step, _ in rows], [value for _, value in rows])

    return imported_experiment(str(path), name, logged, history, wanted)


def _folders(path: Path) -> dict[Path, list[Path]]:
    """Files by the run or experiment they belong to."""
    found: dict[Path, list[Path]] = {}
    for file in files_under(path, _MOST, 12):
        parts = file.relative_to(path).parts
        if ".trash" in parts:
            continue
        if file.name == "meta.yaml":
            found.setdefault(file.parent, []).append(file)
            continue
        at = next((k for k, part in enumerate(parts[:-1]) if part in _PARTS), None)
        if at is not None:
            found.setdefault(path.joinpath(*parts[:at]), []).append(file)
    return found


def _metas(folders: Mapping[Path, list[Path]]) -> Iterator[tuple[Path, dict[str, object]]]:
    for folder, files in folders.items():
        meta = next((file for file in files if file.name == "meta.yaml" and file.parent == folder), None)
        if meta is not None:
            yield folder, read_settings(_text(meta))


def _keyed(files: Iterable[Path], folder: Path, part: str) -> dict[str, Path]:
    """Files of one part by key; a key with a slash is a folder deeper."""
    below = folder / part
    return {file.relative_to(below).as_posix(): file for file in files if below in file.parents}


def _logged(folder: Path, meta: Mapping[str, object], files: list[Path]) -> Logged:
    tags = {key: _text(file) for key, file in _keyed(files, folder, "tags").items() if key.startswith("mlflow.")}
    status = meta.get("status")
    start, end = (meta.get(name) for name in ("start_time", "end_time"))
    name = _id(meta, folder)
    return Logged(
        id=name,
        name=tags.get("mlflow.runName") or str(meta.get("run_name") or meta.get("name") or ""),
        status=_STATUSES.get(status, "FAILED") if isinstance(status, int) else str(status or ""),
        start=int(start) if isinstance(start, int | float) else None,
        end=int(end) if isinstance(end, int | float) else None,
        params={key: _text(file) for key, file in _keyed(files, folder, "params").items()},
        keys=sorted(key for key, file in _keyed(files, folder, "metrics").items() if file.stat().st_size),
        tags=tags,
    )


def _id(meta: Mapping[str, object], folder: Path) -> str:
    return str(meta.get("run_id") or meta.get("run_uuid") or folder.name)


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(_TEXT).decode("utf-8", "replace")


def _rows(data: bytes) -> Iterator[tuple[float, float]]:
    """(step, value) of every whole line; a line cut short or of another form is passed over."""
    for line in data.splitlines():
        parts = line.split(b" ")
        try:
            yield float(parts[2]) if len(parts) > 2 else 0.0, float(parts[1])
        except (IndexError, ValueError):
            continue


__all__ = ["read_mlflow_folder"]
