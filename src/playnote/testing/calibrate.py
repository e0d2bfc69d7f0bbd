"""Measures the verdicts on made-up cases, slice by slice, and writes the table of error rates.

    python -m playnote.testing.calibrate                          every task, then the page
    python -m playnote.testing.calibrate run boundary --count 200 --start 400
    python -m playnote.testing.calibrate nulls plain --count 500
    python -m playnote.testing.calibrate write

Slices are kept as JSON lines in a folder (`--store`), so a long calibration can be done in pieces, stopped
and taken up again: a slice already there is not measured twice. The usual folder is named after the code that
decides the answers, so that a change there measures everything anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from playnote.testing import catalog
from playnote.testing.adoption_cases import KINDS
from playnote.testing.error_tables import render
from playnote.testing.known import KnownCase
from playnote.testing.naive import naive_judge
from playnote.testing.scoring import Judge, Row, ask
from playnote.testing.targets import EXACT_NULLS

STORE = Path("build/calibration")
# The published stream. Cut-offs are tuned on other seeds, so that the page is measured on cases nobody has looked at.
PUBLISHED_SEED = 40_961
DECIDES = ("stats/*.py", "diagnosis/*.py", "records/**/*.py", "service/judge*.py", "testing/*.py")
PAGE = Path("docs/reference/error-rates.md")
COUNTS = {"adoption": 3_200, "boundary": 960, "curve": 1_500, "stability": 1_400, "gaps": 1_800}
SLICE = 250
NULL_KINDS = tuple(kind for kind in KINDS if kind != "one-run")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    asked = _parser().parse_args(arguments)
    asked.store = asked.store or STORE / fingerprint()
    judge = load_judge(asked.judge)
    if asked.what == "run":
        measure_slice(asked.store, asked.name, asked.seed, asked.start, asked.count, judge)
    elif asked.what == "nulls":
        measure_nulls(asked.store, asked.name, asked.seed, asked.start, asked.count, judge)
    elif asked.what == "all":
        _everything(asked.store, asked.seed, judge)
    if asked.what in {"all", "write"}:
        write_page(asked.store, asked.page)
    return 0


def fingerprint() -> str:
    """Twelve hexadecimal digits that change with the code that decides the answers."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted({path for pattern in DECIDES for path in package.glob(pattern)}):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def load_judge(where: str) -> Judge:
    """A judge named as `module:function`."""
    module, _, name = where.partition(":")
    found: Judge = getattr(import_module(module), name)
    return found


def measure_slice(store: Path, task: str, seed: int, start: int, count: int, judge: Judge) -> Path:
    """Cases `start` to `start + count - 1` of a task, judged and kept; returns the slice's file."""
    path = store / f"{task}-{seed}-{start}-{count}.jsonl"
    return _keep(path, lambda: catalog.stream(task, seed, start, count), judge)


def measure_nulls(store: Path, kind: str, seed: int, start: int, count: int, judge: Judge) -> Path:
    """Exact nulls of one kind of adoption, judged and kept; returns the slice's file."""
    path = store / f"null-{kind}-{seed}-{start}-{count}.jsonl"
    return _keep(path, lambda: (catalog.exact_null(kind, seed, start + k) for k in range(count)), judge)


def write_page(store: Path, page: Path) -> None:
    """The page from every slice of the store."""
    rows: list[Row] = []
    nulls: list[Row] = []
    seeds = []
    for path in sorted(store.glob("*.jsonl")):
        seeds.append(int(path.stem.rsplit("-", 3)[1]))
        (nulls if path.name.startswith("null-") else rows).extend(_read(path))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(rows, nulls, seeds), encoding="utf-8")
    sys.stdout.write(f"{page}: {len(rows)} answers, {len(nulls)} exact nulls\n")


def _everything(store: Path, seed: int, judge: Judge) -> None:
    for task, total in COUNTS.items():
        for start in range(0, total, SLICE):
            measure_slice(store, task, seed, start, min(SLICE, total - start), judge)
    for kind in NULL_KINDS:
        for start in range(0, EXACT_NULLS, 500):
            measure_nulls(store, kind, seed, start, 500, judge)


def _keep(path: Path, cases: Callable[[], Iterable[KnownCase]], judge: Judge) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            for known in cases():
                for row in ask(judge, known, naive_judge):
                    file.write(json.dumps(row.as_json()) + "\n")
        part.replace(path)
        sys.stdout.write(f"{path.name}\n")
    return path


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Row(**json.loads(line))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m playnote.testing.calibrate")
    parser.add_argument("what", nargs="?", default="all", choices=("all", "run", "nulls", "write"))
    parser.add_argument("name", nargs="?", default="", help="a task for run, a kind of adoption for nulls")
    parser.add_argument("--seed", type=int, default=PUBLISHED_SEED)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=SLICE)
    parser.add_argument("--store", type=Path, help="a folder of your own; slices there are kept whatever the code")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--judge", default="playnote.service.judge:judge")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
