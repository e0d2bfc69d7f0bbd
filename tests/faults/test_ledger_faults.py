"""What can go wrong under a ledger: death in the middle, torn and mixed lines, a bad cache, a full or locked disk."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from playnote.errors import LeaseError, LedgerError
from playnote.ledger import Ledger
from playnote.recorder import TrialCard, attempt_log, trial_in, write_card
from playnote.recorder.lines import decode, encode
from playnote.testing.ledgers import OBJECTIVE, answers, plan, planned, run, small

pytestmark = pytest.mark.faults

WRITER = """
import sys
from pathlib import Path
from playnote.ledger import Ledger
from playnote.testing.ledgers import plan, run
home, first = Path(sys.argv[1]), int(sys.argv[2])
with Ledger.write(home, "writer") as ledger:
    for index in range(first, first + 10_000):
        plan(ledger, index)
        run(ledger, index, [{"dev/error": 1 / (step + index + 1)} for step in range(4)])
        print(index, ledger.events()[-1].number, flush=True)
"""
LOGGER = """
import sys, time
from pathlib import Path
from playnote.recorder import trial_in
with trial_in(Path(sys.argv[1])) as trial:
    step = 0
    while True:
        trial.log(step, {"x": 0.5})
        if step % 100 == 0:
            print(step, time.time(), flush=True)
            time.sleep(0.001)
        step += 1
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / ".playnote"


@contextmanager
def started(code: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A child process with its output piped; killed at the end whatever happens."""
    child = subprocess.Popen([sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def lines_until_killed(child: subprocess.Popen[str], count: int) -> list[str]:
    """Let it say `count` lines, kill it, and return every line it said."""
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(count)]
    child.send_signal(signal.SIGKILL)
    child.wait()
    return [line for line in [*said, *child.stdout.read().splitlines(keepends=True)] if line.endswith("\n")]


def test_a_writer_killed_anywhere_loses_nothing_it_had_acknowledged(home: Path) -> None:
    chance = random.Random(20250601)
    first, acknowledged = 0, []
    for _ in range(30):
        with started(WRITER, home, first) as child:
            said = lines_until_killed(child, chance.randint(1, 25))
        acknowledged += [tuple(map(int, line.split())) for line in said]
        with Ledger.write(home, "after") as ledger:
            numbers = [event.number for event in ledger.events()]
            assert numbers == list(range(1, len(numbers) + 1))
            assert not [f for f in ledger.damage() if f.file.endswith("journal.jsonl")]
            trials = {trial.id: trial for trial in ledger.trials()}
            for index, number in acknowledged:
                trial = trials[planned(index).id]
                assert number <= numbers[-1]
                assert (trial.outcome, trial.summary) == ("ok", {"dev/error": 1 / (4 + index)})
            first = len(trials)
    live = answers(Ledger.open(home))
    (home / "ledger.db").unlink()
    assert answers(Ledger.open(home)) == live


def test_a_training_process_killed_loses_at_most_its_last_second(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_card(tmp_path / name, TrialCard(id=name))
        with started(LOGGER, tmp_path / name) as child:
            assert child.stdout is not None
            said, begun = child.stdout.readline().split(), time.time()
            while float(said[1]) < begun + 1.5:
                said = child.stdout.readline().split()
            child.kill()
            child.wait()
            said = [line.split() for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")][
                -1:
            ] or [said]
        last, died = int(said[0][0]), float(said[0][1])
        found = decode(attempt_log(tmp_path / name, 1).read_bytes())
        rows = [record for record in found.records if record["kind"] == "log"]
        assert [row["step"] for row in rows] == list(range(len(rows)))
        assert all(damage.kind == "torn" for damage in found.damage)
        missed = last - len(rows) + 1
        assert missed <= 0 or died - rows[-1]["time"] <= 1.0


def test_an_orphaned_child_of_a_killed_runner_does_not_keep_its_lease(home: Path) -> None:
    code = """
import os, sys, time
from pathlib import Path
from playnote.ledger import Ledger
with Ledger.write(Path(sys.argv[1]), "runner"):
    child = os.fork()
    if child == 0:
        os.close(1)
        time.sleep(60)
    print(child, flush=True)
    time.sleep(60)
"""
    with started(code, home) as child:
        assert child.stdout is not None
        orphan = int(child.stdout.readline())
        try:
            with pytest.raises(LeaseError, match="runner"), Ledger.write(home, "second"):
                pass
            child.kill()
            child.wait()
            os.kill(orphan, 0)
            with Ledger.write(home, "second") as ledger:
                ledger.append("note", {"text": "in"})
        finally:
            os.kill(orphan, signal.SIGKILL)


def test_a_journal_torn_at_any_byte_is_mended_and_the_torn_bytes_are_kept(home: Path, tmp_path: Path) -> None:
    with Ledger.write(home, "a") as ledger:
        for word in ("one", "two"):
            ledger.append("note", {"text": word})
    whole = (home / "journal.jsonl").read_bytes()
    begin = whole[:-1].rfind(b"\n") + 1
    for cut in range(begin, len(whole)):
        place = tmp_path / f"cut{cut}"
        shutil.copytree(home, place)
        (place / "journal.jsonl").write_bytes(whole[:cut])
        assert [f.kind for f in Ledger.open(place).damage()] == (["torn"] if cut > begin else [])
        with Ledger.write(place, "b") as ledger:
            ledger.append("note", {"text": "three"})
        read = Ledger.open(place)
        notes = [event.data["text"] for event in read.events("note")]
        assert notes == (["one", "two", "three"] if cut == len(whole) - 1 else ["one", "three"])
        assert not read.damage()
        kept = [path.read_bytes() for path in place.glob("damaged/*")]
        assert kept == ([whole[begin:cut]] if begin < cut < len(whole) - 1 else [])
        assert len(read.events("journal-repaired")) == len(kept)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_an_append_that_was_interrupted_is_kept_if_it_was_whole_and_cut_if_it_was_not(
    home: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    def interrupted(file: int, line: bytes, at: int) -> None:
        os.pwrite(file, line[: int(share * len(line))], at)
        raise KeyboardInterrupt

    with Ledger.write(home, "a") as ledger:
        with monkeypatch.context() as patch:
            patch.setattr("playnote.ledger.journal._whole_write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ledger.append("note", {"text": "long " * 50})
        ledger.append("note", {"text": "after"})
        live = ledger.events()
    assert Ledger.open(home).events() == live
    assert not Ledger.open(home).damage()
    assert [event.number for event in live] == list(range(1, len(live) + 1))
    assert [event.data["text"] for event in live[1:]] == (["long " * 50] if share == 1.0 else []) + ["after"]


def test_a_damaged_line_in_the_middle_costs_that_line_and_is_told(home: Path) -> None:
    with Ledger.write(home, "a") as ledger:
        for i in range(3):
            ledger.append("note", {"text": f"note {i}"})
    path = home / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"note 1", b"nota 1"))
    with Ledger.write(home, "a") as ledger:
        assert [event.data["text"] for event in ledger.events("note")] == ["note 0", "note 2"]
        assert [fault.kind for fault in ledger.damage()] == ["damaged", "number 4 follows 2"]
        assert ledger.append("note", {"text": "next"}).number == 5
    assert b"nota 1" in path.read_bytes()


def test_interleaved_and_torn_lines_of_a_log_are_told_and_the_rest_is_read(home: Path) -> None:
    small(home, trials=1, points=5)
    path = home / "trials" / "t0000" / "attempt-1.jsonl"
    half, row = b'{"kind":"log","st', encode({"kind": "log", "step": 9, "time": 1.0, "metrics": {"dev/error": 0.125}})
    path.write_bytes(path.read_bytes() + half + row + b"rubbish\n" + half)
    ledger = Ledger.open(home)
    assert ledger.trials()[0].summary["dev/error"] == 0.125
    assert [fault.kind for fault in ledger.damage()] == ["interleaved", "damaged", "torn"]
    assert ledger.readings(OBJECTIVE)["t0000"].score == 0.125
    with Ledger.write(home, "a") as writer:
        writer.rebuild()
        assert [fault.kind for fault in writer.damage()] == ["interleaved", "damaged", "torn"]


def test_a_cache_cut_or_changed_anywhere_never_changes_an_answer(home: Path) -> None:
    small(home, trials=6, points=40)
    before, cache = answers(Ledger.open(home)), (home / "ledger.db").read_bytes()
    chance = random.Random(7)
    for _ in range(200):
        damaged = bytearray(cache)
        if chance.random() < 0.3:
            del damaged[chance.randrange(len(damaged)) :]
        else:
            for _ in range(chance.choice([1, 30, 1000])):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for ending in ("-wal", "-shm"):
            (home / f"ledger.db{ending}").unlink(missing_ok=True)
        (home / "ledger.db").write_bytes(damaged)
        assert answers(Ledger.open(home)) == before
    with Ledger.write(home, "a") as ledger:
        assert answers(ledger) == before
        ledger.rebuild()
    clean = Ledger.open(home)
    assert answers(clean) == before
    assert not clean.damage()


def test_a_cache_deleted_under_a_reader_and_a_writer_changes_nothing(home: Path) -> None:
    small(home)
    reader = Ledger.open(home)
    with Ledger.write(home, "a") as writer:
        for path in home.glob("ledger.db*"):
            path.unlink()
        plan(writer, 7)
        run(writer, 7, [{"dev/error": 0.5}])
        reader.refresh()
        assert answers(reader) == answers(writer)
    assert answers(Ledger.open(home)) == answers(reader)


def test_readers_see_a_prefix_of_a_ledger_that_is_being_written(home: Path) -> None:
    with started(WRITER, home, 0) as child:
        assert child.stdout is not None
        for _ in range(40):
            acknowledged = int(child.stdout.readline().split()[1])
            ledger = Ledger.open(home)
            numbers = [event.number for event in ledger.events()]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) >= acknowledged
            for trial in ledger.trials():
                curve = ledger.curves.curve(trial.id, "dev/error")
                assert trial.outcome is None or (curve is not None and len(curve) == 4)
            assert all(fault.kind == "torn" for fault in ledger.damage())


def test_a_clock_that_jumps_back_changes_no_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(["2030-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "2029-01-01T00:00:00.000Z"])
    monkeypatch.setattr("playnote.ledger.journal.now", lambda: next(times))
    with Ledger.write(home, "a") as ledger:
        ledger.append("note", {"text": "first"})
        ledger.append("note", {"text": "second"})
    assert [event.data["text"] for event in Ledger.open(home).events("note")] == ["first", "second"]


@pytest.fixture
def little_disk() -> Iterator[Path]:
    """A file system of 300 kB."""
    place = Path(tempfile.mkdtemp())
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("mounting a small file system is not permitted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def test_a_full_disk_is_told_and_leaves_nothing_half_written(little_disk: Path) -> None:
    home = little_disk / ".playnote"
    ballast = little_disk / "ballast"
    ballast.write_bytes(b"x" * 60_000)
    with Ledger.write(home, "a") as ledger:
        written = []
        with pytest.raises(LedgerError, match="cannot be written") as caught:
            written.extend(ledger.append("note", {"text": f"{i} " + "x" * 300}) for i in range(100_000))
        assert written
        assert "space" in caught.value.fix.en
        assert Ledger.open(home).events("note") == tuple(written)
        assert not Ledger.open(home).damage()
        ballast.unlink()
        ledger.append("note", {"text": "after"})
    assert Ledger.open(home).events()[-1].data["text"] == "after"
    assert not Ledger.open(home).damage()


LIMITED = """
import resource, sys
from pathlib import Path
from playnote.errors import LedgerError
from playnote.ledger import Ledger
home = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
with Ledger.write(home, "a") as ledger:
    written = []
    try:
        while True:
            written.append(ledger.append("note", {"text": "x" * 333}))
    except LedgerError as error:
        print("Free some space" in error.fix.en)
    print(Ledger.open(home).events("note") == tuple(written), Ledger.open(home).damage())
"""


def test_a_file_that_may_not_grow_is_left_as_it_was(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, str(home)], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["True", "True ()"]
    with Ledger.write(home, "b") as ledger:
        ledger.append("note", {"text": "after"})
    assert not Ledger.open(home).damage()


def test_a_trial_on_a_full_disk_goes_on_and_its_log_is_whole_once_there_is_room(little_disk: Path) -> None:
    folder, ballast = little_disk / "t", little_disk / "ballast"
    write_card(folder, TrialCard(id="t"))
    with trial_in(folder) as trial:
        trial.log(0, {"x": 0.5})
        trial.flush()
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        for step in range(1, 2000):
            trial.log(step, {"x": 0.5})
        trial.flush()
        assert len(attempt_log(folder, 1).read_bytes()) < 8192
        ballast.unlink()
    found = decode(attempt_log(folder, 1).read_bytes())
    assert [record["step"] for record in found.records if record["kind"] == "log"] == list(range(2000))
    assert not found.damage


def test_a_log_that_could_not_be_written_to_its_end_says_how_much_is_missing(little_disk: Path) -> None:
    folder = little_disk / "t"
    write_card(folder, TrialCard(id="t"))

    def train() -> None:
        with trial_in(folder) as trial:
            with suppress(OSError), (little_disk / "ballast").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            for step in range(2000):
                trial.log(step, {"x": 0.5})

    with pytest.raises(LedgerError, match="bytes of the trial's log") as caught:
        train()
    assert "Free some space" in caught.value.fix.en


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """The folder cannot be written: a read-only file system for root, whom permissions do not bind."""
    gc.collect()  # what still holds a file open for writing keeps a file system from becoming read-only
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    folders = [] if os.geteuid() == 0 else [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_read_and_refused_with_a_fix(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place: Path = request.getfixturevalue("little_disk") if os.geteuid() == 0 else tmp_path
    home = place / ".playnote"
    small(home)
    before, files = answers(Ledger.open(home)), sorted(place.rglob("*"))
    with locked(place):
        assert answers(Ledger.open(home)) == before
        assert not Ledger.open(home).damage()
        for target in (home, place / "new" / ".playnote"):
            with pytest.raises(LedgerError, match="cannot be written") as caught, Ledger.write(target, "a"):
                pass
            assert "PLAYNOTE_HOME" in caught.value.fix.en
        assert sorted(place.rglob("*")) == files
