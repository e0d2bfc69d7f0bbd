"""Scripts of `writers/` run with other tools' own libraries, in the environment that `make peers` made."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from peers_environment import HERE, OFFLINE, PEERS, PYTHON

from playnote.testing.connector_kit import Write
from playnote.testing.known_trials import KnownTrial


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.peers)


@pytest.fixture(scope="session")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Write]:
    """`writer("tensorboard_torch")`: a `Write` of the connector kit that runs `writers/tensorboard_torch.py`.

    The script gets the trials as a JSON file and the folder to write to; the last line it prints is the source.
    version  "optuna==4.9.0": an older one of `older.txt`, instead of the environment's own
    """
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")

    def of(script: str, *more: str, version: str | None = None) -> Write:
        def write(folder: Path, trials: Sequence[KnownTrial]) -> Path:
            given = tmp_path_factory.mktemp("given") / "trials.json"
            given.write_text(json.dumps([asdict(trial) for trial in trials]), encoding="utf-8")
            printed = run(script, str(given), str(folder), *more, version=version, cwd=given.parent)
            return Path(printed.strip().splitlines()[-1])

        return write

    return of


def run(script: str, *arguments: str, version: str | None = None, cwd: Path) -> str:
    """What a writer script prints; its own words where it fails."""
    places = [str(HERE / "writers")]
    if version is not None:
        places.insert(0, str(PEERS / "older" / version))
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, **OFFLINE, "PYTHONPATH": os.pathsep.join(places), "HOME": str(home)}
    done = subprocess.run(
        [str(PYTHON), str(HERE / "writers" / f"{script}.py"), *arguments],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{script}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout
