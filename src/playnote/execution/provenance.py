"""With what code and on what machine trials are run.

Secrecy: of the environment only a few harmless names are kept with their values, of all others the name
alone. The changes that are not committed go into a file that the owner alone can read, beside the journal;
the journal holds its fingerprint, and nothing else ever reads it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import subprocess
from pathlib import Path

from playnote.records.project import Workflow

_SHOWN = (
    "CUDA_VISIBLE_DEVICES",
    "LANG",
    "LC_ALL",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "PYTHONHASHSEED",
    "SLURM_JOB_ID",
)
_LARGEST = 4 << 20  # bytes of a diff that are kept
HIDDEN = "***"  # stands in a recorded command for what may be a secret
_SECRET = re.compile(r"token|secret|passw|api.?key|credential|auth", re.IGNORECASE)
_ADDRESS = re.compile(r"(://[^/@\s:]+):[^/@\s]+@")
_PATIENCE = 20.0  # seconds for one git command


def provenance(folder: Path, home: Path) -> dict[str, object]:
    """Commit, whether there are changes, their fingerprint, environment, Python and machine."""
    return {
        **_git(folder, home),
        "environment": {
            "values": {name: os.environ[name] for name in _SHOWN if name in os.environ},
            "names": sorted(name for name in os.environ if name not in _SHOWN),
        },
        "python": platform.python_version(),
        "host": platform.node(),
    }


def how_trained(workflow: Workflow) -> dict[str, object]:
    """What a rerun needs to know of the workflow; in the command, secrets are replaced by `HIDDEN`."""
    return {
        "function": workflow.function,
        "command": None if workflow.command is None else without_secrets(workflow.command),
        "metrics": workflow.metrics,
        "max_train_steps": workflow.max_train_steps,
        "evaluate_every": workflow.evaluate_every,
        "unit": workflow.unit,
    }


def without_secrets(command: str) -> str:
    """The command with the values of options that sound secret, and passwords in addresses, taken out."""
    kept: list[str] = []
    hide = False
    for word in shlex.split(command):
        name, equals, _ = word.partition("=")
        secret = bool(_SECRET.search(name))
        kept.append(HIDDEN if hide else f"{name}={HIDDEN}" if secret and equals else word)
        hide = secret and not equals and name.startswith("-") and not hide
    said = _ADDRESS.sub(rf"\1:{HIDDEN}@", " ".join(kept))
    return said if HIDDEN in said else command


def _git(folder: Path, home: Path) -> dict[str, object]:
    commit = _ask(folder, "rev-parse", "HEAD")
    if commit is None:
        return {"commit": None, "dirty": None}
    status = _ask(folder, "status", "--porcelain", "--", ".", ":(exclude).playnote")
    dirty = None if status is None else bool(status.strip())
    diff = _ask(folder, "diff", "HEAD", "--", ".") if dirty else None
    return {"commit": commit.decode().strip(), "dirty": dirty, "diff": _keep(diff, home) if diff else None}


def _ask(folder: Path, *words: str) -> bytes | None:
    """What git says; None where there is no git, no repository, or no commit."""
    try:
        # No optional locks: looking must not disturb a git command of the user's.
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        asked = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, timeout=_PATIENCE, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout if asked.returncode == 0 else None


def _keep(diff: bytes, home: Path) -> str | None:
    """Keep the changes, readable by the owner alone; their fingerprint. None where they are too large to keep."""
    if len(diff) > _LARGEST:
        return None
    fingerprint = hashlib.sha256(diff).hexdigest()[:16]
    place = home / "diffs" / f"{fingerprint}.patch"
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not place.exists():
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(diff)
    except OSError:
        return None
    return fingerprint
