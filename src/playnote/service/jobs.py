"""Work that outlives the call that asked for it: a round, a baseline or an adoption in a process of its own.

A job is a folder `.playnote/jobs/<id>/`: `job.json` (what was asked), `pid`, `progress.json`, `result.json`, `log`,
and `lock`. The child holds the lock from before it runs to its death, however it dies, so a dead job is never taken
for a running one; what had finished is in the ledger, and the same call goes on from there. Two jobs that write
exclude one another by the ledger's lease.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playnote.errors import InternalError, NotFoundError
from playnote.service.session import Session
from playnote.service.views import Json
from playnote.text import Text, same

BASELINE = "baseline"
EVERY_SECONDS = 30
_START, _LOOK = 20.0, 0.05  # seconds to wait for the first sign of a child, and between two looks


def start_job(session: Session, name: str, kind: str, arguments: Mapping[str, Any], actor: str) -> Json:
    """Start the job, or find it running already; its status once it has begun, failed to begin, or ended."""
    place = session.home / "jobs" / name
    if not _running(place):
        place.mkdir(parents=True, exist_ok=True)
        for old in ("progress.json", "result.json"):
            (place / old).unlink(missing_ok=True)
        asked = {"kind": kind, "arguments": dict(arguments), "actor": actor, "project": session.project.folder}
        write_json(place / "job.json", asked)
        _spawn(place, session.project.folder)
    _first_sign(place)
    return job_status(session, name)


def job_status(session: Session, name: str, wait: float = 0.0) -> Json:
    """`{"job", "state", "done", "total", ...}`; state is running, done, refused or died. Raises NotFoundError."""
    place = _place(session, name)
    until = time.monotonic() + wait
    while _running(place) and time.monotonic() < until:
        time.sleep(_LOOK)
    alive = _running(place)  # before the files: a child that ends in between has written its result
    asked, progress, result = (read_json(place / f"{each}.json") for each in ("job", "progress", "result"))
    state = "running" if alive else "done" if result.get("ok") else "refused" if result else "died"
    return {
        "job": name,
        "kind": asked.get("kind"),
        "state": state,
        "actor": asked.get("actor"),
        **{key: progress.get(key) for key in ("total", "done", "failed", "running", "seconds", "eta")},
        "result": result.get("data"),
        "error": result.get("error"),
        "log_tail": _tail(place / "log") if state in ("refused", "died") else "",
        "poll_every_s": EVERY_SECONDS if alive else None,
    }


def jobs(session: Session) -> list[Json]:
    """Every job on record, the running ones first."""
    home = session.home / "jobs"
    names = sorted(each.name for each in home.iterdir() if (each / "job.json").is_file()) if home.is_dir() else []
    return sorted((job_status(session, name) for name in names), key=lambda each: each["state"] != "running")


def write_json(path: Path, value: object) -> None:
    """The value as a file that is there whole, or as it was before."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, ensure_ascii=False, default=str), encoding="utf-8")
    part.replace(path)


def read_json(path: Path) -> Json:
    """The object in a file; {} where there is none yet."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _place(session: Session, name: str) -> Path:
    home = session.home / "jobs"
    place = home / name
    if place.parent != home or name in ("", ".", "..") or not (place / "job.json").is_file():
        known = ", ".join(sorted(each.name for each in home.iterdir())) if home.is_dir() else ""
        raise NotFoundError(
            Text(en="There is no job {name!r}.", zh="没有叫 {name!r} 的任务。").fill(name=name),
            fix=Text(en="Jobs on record: {known}.", zh="现有任务：{known}。").fill(known=same(known or "-")),
        )
    return place


def _spawn(place: Path, folder: str) -> None:
    """A child in a session of its own; it inherits the locked file, and this process lets go of it."""
    lock = os.open(place / "lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        if not _taken(lock):
            return  # another call has just started the same job: there is one of it, which is what was asked for
        with (place / "log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "playnote.service.jobs_child", str(place), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                pass_fds=(lock,),
            )
        (place / "pid").write_text(str(child.pid), encoding="utf-8")
        _CHILDREN.append(child)
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    """Whether the lock is ours now; somebody who only looks whether it is held lets go at once, so it is tried again."""
    fcntl = _locks()
    for _ in range(5):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK)
        else:
            return True
    return False


_CHILDREN: list[subprocess.Popen[bytes]] = []  # kept so that a child that ends is reaped while this process lives


def _running(place: Path) -> bool:
    """Whether a child holds the job's lock."""
    for child in _CHILDREN:
        child.poll()
    fcntl = _locks()
    try:
        lock = os.open(place / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _first_sign(place: Path) -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until and _running(place) and not (place / "progress.json").exists():
        time.sleep(_LOOK)


def _tail(path: Path, size: int = 600) -> str:
    try:
        return path.read_bytes()[-size:].decode("utf-8", "replace")
    except OSError:
        return ""


def _locks() -> Any:
    try:
        return importlib.import_module("fcntl")
    except ImportError as error:
        raise InternalError(
            Text(en="Jobs need file locks, which this system does not have.", zh="任务需要文件锁，这个系统没有。"),
            fix=Text(en="Use Linux or macOS (on Windows: WSL).", zh="请使用 Linux 或 macOS（Windows 上用 WSL）。"),
        ) from error
