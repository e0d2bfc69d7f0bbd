"""Whether the wheel installs and works with each extra alone: a fresh environment for each, its time, its size, one real use.

    .venv/bin/python docs/scripts/release_check.py [EXTRA ...]

Without names: none, then every extra (minutes, gigabytes of downloads for torch and Ray). Ends with a table, the licences of
all that was installed, and exit code 1 where something failed. `make release-check`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NONE = "(none)"
_COMPARE = (
    'playnote compare base.txt cand.txt --direction minimize --min-effect 0.002 | grep -q "^NOT DECIDED   0.0014"'
)
_TRAIN = """
import playnote
trial = playnote.current_trial()
for step in range(1, 11):
    trial.log(step, {"lr": trial.configuration["lr"], "dev/error": abs(trial.configuration["lr"] - 0.1) + 1 / step})
"""
_PROJECT = """
[project]
name = "small"
[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
[workflow]
command = "python train.py"
max_train_steps = 10
evaluate_every = 1
[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
[baseline]
lr = 0.1
"""
_SERVED = """
import re, subprocess, sys, urllib.request
served = subprocess.Popen(["playnote", "serve", "--no-open", "--project", "demo"], stdout=subprocess.PIPE, text=True)
try:
    address = re.search(r"http://\\S+", served.stdout.readline())[0]
    assert "Playnote" in urllib.request.urlopen(address, timeout=30).read().decode()
finally:
    served.terminate(); served.wait()
"""
_MCP = """
import json, subprocess
first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
         "clientInfo": {"name": "check", "version": "1"}}}
door = subprocess.run(["playnote", "mcp", "--project", "demo"], input=json.dumps(first) + "\\n", capture_output=True, text=True,
                      timeout=60)
assert json.loads(door.stdout.splitlines()[0])["result"]["serverInfo"]["name"] == "playnote", door.stdout + door.stderr
"""
_BAYES = """
import playnote
space = {"lr": playnote.log_uniform(1e-3, 1.0)}

assert 1e-3 <= playnote.suggest(space, 1, searcher="optuna", direction="minimize")[0]["lr"] <= 1.0
"""
_LABELS = """
import numpy as np
from cleanlab.filter import find_label_issues
found = find_label_issues(np.array([0, 0, 1, 1, 1] * 20), np.array([[.9, .1]] * 2 + [[.1, .9]] * 2 + [[.95, .05]]).repeat(20, 0))
assert found.any()
"""
# What is done with each extra, by a shell in a folder of its own: it must succeed.
USES: dict[str, str] = {
    NONE: f"{_COMPARE} && playnote init --example digits demo --yes && playnote next --project demo",
    "bayes": "python bayes.py",
    "dashboard": "playnote init --example digits demo --yes && python serve.py",
    "mcp": "playnote init --example digits demo --yes && python mcp_door.py",
    "ray": "playnote baseline && playnote round new 'Which lr?' --trials 2"
    " && playnote round run --on ray --workers 1 && playnote round show",
    "slurm": "playnote baseline && python -c 'import submitit'",
    "export": "python -c \"import vl_convert as v; assert v.vegalite_to_svg({'mark': 'bar', 'data': {'values': []}})\"",
    "labels": "python labels.py",
    "examples": "playnote init --example digits demo --yes && playnote baseline --project demo",
    "docs": "python -c 'import mkdocs'",
}
FILES = {
    "bayes.py": _BAYES,
    "serve.py": _SERVED,
    "mcp_door.py": _MCP,
    "labels.py": _LABELS,
    "train.py": _TRAIN,
    "playnote.toml": _PROJECT,
}
_LICENCES = """
from importlib import metadata
for each in metadata.distributions():
    m = each.metadata
    kinds = [c.rpartition("::")[2].strip() for c in m.get_all("Classifier") or () if c.startswith("License ::")]
    said = m.get("License-Expression") or ", ".join(kinds) or (m.get("License") or "not said").splitlines()[0][:60]
    print(m["Name"], m["Version"], said, sep="\\t")
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """One extra, installed alone. `failed` holds what it printed where its use failed."""

    extra: str
    seconds: float
    megabytes: float
    packages: int
    used: float
    failed: str


def main(names: list[str]) -> int:
    """The command; returns its exit code."""
    told: dict[str, tuple[str, str]] = {}
    rows: list[Installed] = []
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        for name in names or [NONE, *extras()]:
            rows.append(tried(name, wheel, Path(folder) / name.strip("()"), told))
            print(line(rows[-1]), flush=True)
    print("\n| package | version | licence |\n|---|---|---|")
    for package, (version, licence) in sorted(told.items(), key=lambda each: each[0].lower()):
        print(f"| {package} | {version} | {licence} |")
    for row in rows:
        if row.failed:
            print(f"\n{row.extra} FAILED\n{row.failed}")
    return 1 if any(row.failed for row in rows) else 0


def extras() -> list[str]:
    """The extras that the project declares, each with a use here."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return list(declared)


def build(folder: Path) -> Path:
    """The wheel, made by pip from what git keeps: nothing that only lies about can get in."""
    source = folder / "source"
    source.mkdir()
    kept = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(source)], input=kept, check=True)
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    subprocess.run(words, check=True)
    return next(folder.glob("playnote-*.whl"))


def tried(extra: str, wheel: Path, folder: Path, told: dict[str, tuple[str, str]]) -> Installed:
    """Install into an environment of its own, and use it once; what was installed is noted in `told`."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    before = size(folder)
    began = time.monotonic()
    what = str(wheel) if extra == NONE else f"{wheel}[{extra}]"
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        str(ROOT / "constraints.txt"),
    ]
    done = subprocess.run([*pip, what], capture_output=True, text=True, check=False)
    took, grown = time.monotonic() - began, size(folder) - before
    if done.returncode:
        return Installed(extra, took, grown, 0, 0.0, done.stderr)
    listed = subprocess.run([python, "-c", _LICENCES], capture_output=True, text=True, check=True).stdout.splitlines()
    told.update({name: (version, licence) for name, version, licence in (each.split("\t") for each in listed)})
    began = time.monotonic()
    failed = use(extra, folder)
    return Installed(extra, took, grown, len(listed), time.monotonic() - began, failed)


def use(extra: str, folder: Path) -> str:
    """Do with it what it is for; what was printed where that failed, "" where it worked."""
    work = folder / "work"
    work.mkdir()
    (work / "base.txt").write_text("0.0884\n0.0861\n0.0897\n0.0872\n")
    (work / "cand.txt").write_text("0.0871\n0.0858\n0.0882\n0.0845\n")
    for name, text in FILES.items():
        (work / name).write_text(text)
    path = f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": "", "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["sh", "-c", USES[extra]], cwd=work, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def size(folder: Path) -> float:
    """Megabytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def line(row: Installed) -> str:
    """A row of the table."""
    state = "failed" if row.failed else "works"
    return (
        f"| {row.extra} | {row.packages} packages | {row.megabytes:.0f} MB | {row.seconds:.0f} s to install "
        f"| {row.used:.0f} s to use | {state} |"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
