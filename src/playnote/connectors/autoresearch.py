"""autoresearch's `results.tsv`: one single-seed try a row (commit, val_bpb, memory_gb, status, description).

Lower bits per byte are better, by the file's definition. A crash is written as 0.000000 and is no score. Nothing says
which settings a commit changed, so each commit is a configuration of its own.
"""

from __future__ import annotations

from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.recognise_tables import RESULTS_HEAD, results_file
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import number
from playnote.text import Text

_METRIC = "val_bpb"
_NOT_ONE = Text(en="its columns are not those of results.tsv.", zh="它的列不是 results.tsv 的列。")
_GIVE = Text(
    en="Give a file with the columns commit, val_bpb, memory_gb, status and description.",
    zh="请给带有 commit、val_bpb、memory_gb、status、description 这几列的文件。",
)
_TORN = Text(en="{n} rows hold no number and were skipped.", zh="有 {n} 行没有数值，已跳过。")
_ONE_SEED = Text(
    en="Each row is one seed: without repeats a gain cannot be told from luck.",
    zh="每行只有一个种子：没有重复，分不清是提升还是运气。",
)


def read_results(path: Path | str, wanted: Wanted) -> Imported:
    """The tries in their order."""
    place = Path(path)
    text = place.read_text(encoding="utf-8-sig", errors="replace")
    rows = [
        dict(zip(("", *RESULTS_HEAD, "description"), ("", *line.split("\t", 4)), strict=False)) for line in _lines(text)
    ]
    if not results_file(place):
        raise unreadable(str(path), _NOT_ONE, _GIVE)
    runs = [run for row in rows[1:] if (run := _run(row)) is not None]
    torn = len(rows) - 1 - len(runs)
    notes = (_ONE_SEED, *((_TORN.fill(n=torn),) if torn else ()))
    return imported_runs(
        runs,
        wanted,
        origin="autoresearch",
        where=str(path),
        name=place.resolve().parent.name or place.stem,
        metric=_METRIC,
        direction="minimize" if wanted.metric in (None, _METRIC) else None,
        left_out=notes,
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def _run(row: dict[str, str]) -> Run | None:
    score, memory = number(row.get(_METRIC)), number(row.get("memory_gb"))
    crashed = row.get("status", "").strip().lower() == "crash"
    if score is None and not crashed:
        return None
    summary = {} if crashed or score is None else {_METRIC: score}
    if memory is not None and not crashed:
        summary["memory_gb"] = memory
    commit = row.get("commit", "").strip()
    return Run(
        name=commit,
        configuration={"commit": commit},
        summary=summary,
        outcome="failed" if crashed else "ok",
        facts={"status": row.get("status", "").strip(), "description": row.get("description", "").strip()},
    )


__all__ = ["read_results"]
