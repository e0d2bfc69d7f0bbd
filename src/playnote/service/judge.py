"""The exchange format: cases in, verdicts out, one for every question of the case's task.

A case that is no case at all is one InputError. Inside a case nothing fails: what cannot be read counts as not
recorded, and what cannot be decided is "unknown".
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO, cast

import numpy as np

from playnote.errors import Detail, InputError
from playnote.records.finding import Finding
from playnote.service import judge_adoption, judge_curves, judge_gaps, judge_study
from playnote.service.exchange_case import Raw
from playnote.service.judge_questions import Question
from playnote.text import Text, same

_TASKS: dict[str, Callable[[Raw], Iterable[Question]]] = {
    "adoption": judge_adoption.questions,
    "boundary": judge_study.questions,
    "curve": judge_curves.curve_questions,
    "stability": judge_curves.stability_questions,
    "gaps": judge_gaps.questions,
}

Verdict = dict[str, Any]


def judge(case: Mapping[str, Any], *, strict: bool = False) -> list[Verdict]:
    """Verdicts on one case: `{verdict, target, label, p?, estimate?, ci?}` for every question of its task.

    A fault of ours in one question leaves it "unknown", with the fault named under `fault`; `strict` raises it instead.
    Raises InputError where the case is no mapping, names no task of the format, or holds no study.
    """
    task = _task(case)
    study = {**case["study"], "looks": case.get("looks")}
    with np.errstate(all="ignore"):
        return [_answered(question, strict) for question in _TASKS[task](study)]


def judge_lines(source: str | Path = "-", out: str | Path = "-") -> int:
    """Judge a JSON Lines file (.jsonl, .jsonl.gz, "-": standard input), one line of verdicts a case; returns the count.

    A line is `{"case_id": ..., "predictions": [...]}`. Lines that are no case are collected into one InputError after
    the others have been judged.
    """
    faults: list[Detail] = []
    count = 0
    with _reading(source) as lines, _writing(out) as sink:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            answered = _line(line, f"{source}:{number}", faults)
            if answered is not None:
                sink.write(json.dumps(answered, allow_nan=False, ensure_ascii=False) + "\n")
                count += 1
    if faults:
        raise InputError(
            Text(en="Lines that are no case of the exchange format: {n}.", zh="有 {n} 行不是交换格式的用例。").fill(
                n=len(faults)
            ),
            fix=Text(en="Correct or remove these lines.", zh="改正或删掉这些行。"),
            details=faults,
        )
    return count


def _answered(question: Question, strict: bool) -> Verdict:
    base: Verdict = {"verdict": question.verdict, "target": dict(question.target)}
    try:
        found = question.answer()
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        # Numbers no estimator can work with (1e300 beside 1e-300): nothing can be said, and that is the answer.
        found = None
    except Exception as fault:
        if strict:
            raise
        return {**base, "label": "unknown", "fault": f"{type(fault).__name__}: {fault}"}
    if found is None:
        return {**base, "label": "unknown"}
    return {**base, **_numbers(found)}


def _numbers(found: Finding) -> Verdict:
    out: Verdict = {"label": found.label}
    if found.p is not None and math.isfinite(found.p):
        out["p"] = min(max(float(found.p), 0.0), 1.0)
    if found.estimate is not None and math.isfinite(found.estimate):
        out["estimate"] = float(found.estimate)
    if found.interval is not None and all(math.isfinite(end) for end in found.interval):
        out["ci"] = [float(end) for end in found.interval]
    return out


def _task(case: object) -> str:
    if not isinstance(case, Mapping):
        raise _no_case("case", repr(case)[:80], Text(en="one JSON object", zh="一个 JSON 对象"))
    task = case.get("task")
    if not isinstance(task, str) or task not in _TASKS:
        raise _no_case("task", repr(task)[:80], same(", ".join(_TASKS)))
    if not isinstance(case.get("study"), Mapping):
        raise _no_case("study", repr(case.get("study"))[:80], Text(en="an object", zh="一个对象"))
    return task


def _no_case(path: str, found: str, allowed: Text) -> InputError:
    fix = Text(en="Give `{path}` as the exchange format defines it.", zh="按交换格式给出 `{path}`。").fill(path=path)
    return InputError(
        Text(en="This is no case of the exchange format.", zh="这不是交换格式的用例。"),
        fix=fix,
        details=(Detail(path, found, allowed, fix),),
    )


def _line(line: str, where: str, faults: list[Detail]) -> dict[str, Any] | None:
    try:
        case = json.loads(line)
        return {"case_id": case.get("case_id") if isinstance(case, dict) else None, "predictions": judge(case)}
    except (json.JSONDecodeError, RecursionError) as error:
        fix = Text(en="Write one JSON object a line.", zh="每行写一个 JSON 对象。")
        faults.append(Detail(where, str(error)[:80], Text(en="one JSON object", zh="一个 JSON 对象"), fix))
    except InputError as error:
        faults += [Detail(f"{where}: {each.path}", each.found, each.allowed, each.fix) for each in error.details]
    return None


@contextmanager
def _reading(source: str | Path) -> Iterator[Iterable[str]]:
    if str(source) == "-":
        yield sys.stdin
        return
    path = Path(source)
    try:
        with _opened(path, "rt") as lines:
            yield lines
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            Text(en="{path} cannot be read: {why}.", zh="读不了 {path}：{why}。").fill(path=path, why=error),
            fix=Text(
                en="Give a .jsonl or .jsonl.gz file, or - for standard input.",
                zh="给一个 .jsonl 或 .jsonl.gz 文件，或用 - 读标准输入。",
            ),
        ) from error


@contextmanager
def _writing(out: str | Path) -> Iterator[TextIO]:
    if str(out) == "-":
        yield sys.stdout
        return
    try:
        sink = _opened(Path(out), "wt")
    except OSError as error:
        raise InputError(
            Text(en="{path} cannot be written: {why}.", zh="写不了 {path}：{why}。").fill(path=out, why=error),
            fix=Text(en="Choose another --out.", zh="换一个 --out。"),
        ) from error
    with sink:
        yield sink


def _opened(path: Path, mode: Literal["rt", "wt"]) -> TextIO:
    """The file as text, decompressed where its name ends in .gz."""
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, mode, encoding="utf-8"))
    return cast(TextIO, path.open(mode, encoding="utf-8"))
