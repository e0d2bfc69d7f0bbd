"""The process of one job: runs the operation, writes progress as it comes and the result at the end.

python -m playnote.service.jobs_child FOLDER LOCK      (LOCK: the inherited, locked file descriptor)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playnote.errors import InternalError, PlaynoteError
from playnote.procedures.round import Progress
from playnote.service.adopt import Adoption
from playnote.service.jobs import read_json, write_json
from playnote.service.operations import OPERATIONS
from playnote.service.session import Session, open_project
from playnote.service.views import Json, finite
from playnote.text import Text


def main(folder: Path, lock: int) -> int:
    """Run the job that stands in the folder; 0 where it ended well."""
    os.set_inheritable(lock, False)
    os.register_at_fork(after_in_child=lambda: _let_go(lock))  # an orphaned worker must not keep the job alive
    asked = read_json(folder / "job.json")
    try:
        session = open_project(asked["project"])
        write_json(folder / "result.json", {"ok": True, "data": _run(session, asked, folder)})
    except PlaynoteError as error:
        write_json(folder / "result.json", {"ok": False, "error": error.as_json()})
        return error.exit_code
    except Exception as error:
        import traceback

        traceback.print_exc()
        write_json(folder / "result.json", {"ok": False, "error": _ours(error).as_json()})
        return 1
    return 0


def _run(session: Session, asked: Json, folder: Path) -> Json:
    last: Progress | None = None
    does = next(each.do for each in OPERATIONS if each.name == asked["kind"])
    for step in does(session, **asked["arguments"], actor=asked["actor"]):
        if isinstance(step, Progress):
            last = step
            write_json(folder / "progress.json", _told(step))
        elif isinstance(step, Adoption):
            return _adopted(step)
        else:
            return dict(finite(step.as_json()))
    return {} if last is None else {"total": last.total, "done": last.done, "failed": last.failed}


def _told(step: Progress) -> Json:
    return {
        "total": step.total,
        "done": step.done,
        "failed": step.failed,
        "running": step.running,
        "seconds": finite(round(step.seconds, 1)),
        "eta": None if step.eta is None else finite(round(step.eta, 1)),
    }


def _adopted(found: Adoption) -> Json:
    return {
        "trial": found.trial,
        "verdict": found.verdict,
        "because": found.decision.because.as_json(),
        "runs": {"candidate": len(found.candidate), "baseline": len(found.baseline)},
        "expected_false_share": finite(found.false_share),
        **finite(found.comparison.as_json()),
    }


def _ours(error: Exception) -> InternalError:
    return InternalError(
        Text(en="The job failed: {kind}: {what}", zh="任务出错了：{kind}：{what}").fill(
            kind=type(error).__name__, what=error
        ),
        fix=Text(
            en="What had finished is kept; the job's log says where it failed.",
            zh="跑完的都保留着；任务日志里有出错位置。",
        ),
    )


def _let_go(lock: int) -> None:
    try:
        os.close(lock)
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
