"""MLflow's older store, a folder of text files: <experiment>/<run>/{meta.yaml,params,metrics,tags}.

A metric's file has one line a value: milliseconds, value, step. Links are not followed, and what was deleted
(lifecycle_stage, `.trash`) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.left_out import counted, links_left
from playnote.connectors.mlflow_runs import Logged, chosen, imported_experiment
from playnote.connectors.plain_yaml import read_settings
from playnote.connectors.recognise import files_under
from playnote.connectors.series import series, whole_lines
from playnote.records.curves import Curve
from playnote.text import Text

_STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_MOST = 5_000_000  # names looked at
_TEXT = 1 << 16  # bytes of a parameter or tag
_TORN = Text(en="{n} metric files hold torn lines, which were skipped.", zh="有 {n} 个指标文件里有不完整的行，已跳过。")
_META = Text(
    en="{n} runs do not say how they ended (meta.yaml is cut short): they count as missing.",
    zh="有 {n} 次训练没说怎么结束（meta.yaml 不完整）：按缺失算。",
)
_PARTS = ("params", "metrics", "tags")


def read_mlflow_folder(path: Path | str, wanted: Wanted) -> Imported:
    """The runs of the one experiment of a folder, or of the one named."""
    links: list[Path] = []
    folders = _folders(Path(path), links)
    metas = {folder: _meta(folder, files) for folder, files in folders.items()}
    # A run holds parameters, metrics or tags; of an experiment there is only the meta file.
    runs = [folder for folder, files in folders.items() if "run_id" in metas[folder] or len(files) > 1]
    active = [folder for folder in runs if metas[folder].get("lifecycle_stage", "active") == "active"]
    number, name = chosen(str(path), _experiments(active, metas), wanted.study)
    mine = [folder for folder in active if folder.parent.name == number]
    files = {_id(metas[folder], folder): _keyed(folders[folder], folder, "metrics") for folder in mine}
    torn = {file for keyed in files.values() for file in keyed.values() if _torn(file)}

    def history(run: str, key: str) -> Curve:
        rows = list(_rows(files[run][key], torn))
        return series([step for step, _ in rows], [value for _, value in rows])

    logged = [_logged(folder, metas[folder], folders[folder]) for folder in mine]
    got = imported_experiment(str(path), name, logged, history, wanted)
    damaged = sum("status" not in metas[folder] for folder in mine)
    notes = [*counted(_TORN, len(torn)), *counted(_META, damaged), *links_left(links)]
    return replace(got, left_out=(*got.left_out, *notes))


def _experiments(active: list[Path], metas: Mapping[Path, Mapping[str, object]]) -> list[tuple[str, str]]:
    """(folder's name, experiment's name) of the experiments that hold runs."""
    found = []
    for folder in dict.fromkeys(each.parent for each in active):
        meta = metas.get(folder, {})
        if meta.get("lifecycle_stage", "active") == "active":
            found.append((folder.name, str(meta.get("name") or folder.name)))
    return found


def _folders(path: Path, links: list[Path]) -> dict[Path, list[Path]]:
    """Files by the run or experiment they belong to."""
    found: dict[Path, list[Path]] = {}
    for file in files_under(path, _MOST, 12, links):
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


def _meta(folder: Path, files: list[Path]) -> dict[str, object]:
    meta = next((file for file in files if file.name == "meta.yaml" and file.parent == folder), None)
    found = read_settings(_text(meta)) if meta is not None else {}
    return {**found, "run_id": found.get("run_id") or found["run_uuid"]} if "run_uuid" in found else found


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


def _torn(file: Path) -> bool:
    """Whether a file ends in the middle of a line."""
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(0, size - 1))
        return size > 0 and opened.read() != b"\n"


def _rows(file: Path, torn: set[Path]) -> Iterator[tuple[float, float]]:
    """(step, value) of every whole line; a file with a line of another form is put among the torn."""
    data, _ = whole_lines(file.read_bytes())
    for line in data.splitlines():
        parts = line.split(b" ")
        try:
            yield float(parts[2]) if len(parts) > 2 else 0.0, float(parts[1])
        except (IndexError, ValueError):
            torn.add(file)


__all__ = ["read_mlflow_folder"]
