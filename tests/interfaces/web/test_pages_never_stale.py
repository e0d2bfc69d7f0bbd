"""What the pages keep in memory equals a reading from the files at every moment, whatever was done to them."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `dashboard` is not installed")
import web_project

from playnote.interfaces.web.pages import PAGES
from playnote.ledger import Ledger
from playnote.recorder.lines import encode, encode_metrics
from playnote.records.state import ProjectState
from playnote.service import guidance, proposals, rounds
from playnote.service.kept import Keeper
from playnote.service.session import Session, open_project

GIVEN = {"round": "1", "rule": "A-single-goal"}


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once")
    web_project.grown(folder, per_value=3)
    return folder


@pytest.fixture
def folder(grown_once: Path, tmp_path: Path) -> Path:
    found = tmp_path / "project"
    shutil.copytree(grown_once, found)
    return found


def everything(state: ProjectState) -> tuple[object, ...]:
    """All that a page could show of a state, its curves too."""
    names = ("dev/error", "latency")
    curves = {(t.id, name): state.curves.curve(t.id, name) for t in state.trials for name in names}
    points = {key: (c.steps.tolist(), repr(c.values.tolist())) for key, c in curves.items() if c is not None}
    return repr(state.project), repr(state.trials), repr(state.readings), state.rounds, state.journal, points


def check(keeper: Keeper, folder: Path) -> None:
    with keeper.session() as kept:
        assert everything(kept.state()) == everything(open_project(folder).state())


def journal_of(folder: Path) -> Path:
    return folder / ".playnote" / "journal.jsonl"


class Changes:
    """What people, runners and accidents do to a project."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng, self.step = folder, random.Random(seed), 100
        self.running: tuple[str, int] | None = None
        self.backup = journal_of(folder).read_bytes()

    @property
    def session(self) -> Session:
        return open_project(self.folder)

    def nothing(self) -> None: ...

    def answer(self) -> None:
        guidance.answer(self.session, "A-single-goal", f"goal {self.rng.random()}")

    def propose(self) -> None:
        proposals.ask_person(self.session, f"question {self.rng.random()}")

    def edit(self) -> None:
        place = self.folder / "playnote.toml"
        text = place.read_text(encoding="utf-8")
        old = next(line for line in text.splitlines() if line.startswith("min_effect"))
        place.write_text(text.replace(old, f"min_effect = 0.0{self.rng.randint(1, 9)}"), encoding="utf-8")

    def other_ids(self) -> None:
        place = self.folder / "dev.txt"
        lines = place.read_text(encoding="utf-8").splitlines()
        lines[0] = f"digits/{self.rng.randint(1000, 9999)}.png"
        place.write_text("\n".join(lines), encoding="utf-8")

    def begin(self) -> None:
        """A new attempt of some trial runs."""
        with Ledger.write(self.folder / ".playnote", "runner") as ledger:
            trial = self.rng.choice([each.id for each in ledger.trials()])
            number = len(ledger.events("attempt-started")) + 1
            ledger.append("attempt-started", {"trial": trial, "attempt": number})
            self.running = (trial, number)
            opening = {"kind": "opened", "format": 1, "trial": trial, "attempt": number, "pid": 1, "host": "here"}
            self._log(ledger.paths.attempt(*self.running), encode(opening))

    def grow(self) -> None:
        """The log of what runs grows, sometimes by half a line."""
        if self.running is None:
            self.begin()
        assert self.running is not None
        self.step += 1
        row = encode_metrics(self.step, 1.7e9, {"dev/error": self.rng.random(), "latency": 1.0})
        place = Ledger.open(self.folder / ".playnote").paths.attempt(*self.running)
        cut = len(row) if self.rng.random() < 0.7 else len(row) // 2
        self._log(place, row[:cut])

    def end(self) -> None:
        if self.running is not None:
            with Ledger.write(self.folder / ".playnote", "runner") as ledger:
                told = {"trial": self.running[0], "attempt": self.running[1], "outcome": "ok", "seconds": 1.0}
                ledger.append("attempt-ended", {**told, "retry": False})
            self.running = None

    def outlive(self) -> None:
        """A process goes on logging after its attempt was counted as ended."""
        logs = sorted((self.folder / ".playnote" / "trials").glob("*/attempt-*.jsonl"))
        if logs:
            self._log(self.rng.choice(logs), encode_metrics(999, 1.7e9, {"dev/error": self.rng.random()}))

    def rewrite(self) -> None:
        """A log of the same length with another number in it."""
        logs = sorted((self.folder / ".playnote" / "trials").glob("*/attempt-1.jsonl"))
        if logs:
            place = self.rng.choice(logs)
            held = place.read_bytes()
            now = place.stat().st_mtime_ns
            place.write_bytes(held.replace(b"1", b"2", 1))
            os.utime(place, ns=(now + 10_000_000, now + 10_000_000))  # as on a disk whose clock has moved on

    def bundle(self) -> None:
        self.end()
        with Ledger.write(self.folder / ".playnote", "runner") as ledger:
            ledger.bundle(1)

    def lose_the_cache(self) -> None:
        (self.folder / ".playnote" / "ledger.db").unlink(missing_ok=True)

    def restore(self) -> None:
        """The journal of yesterday is put back."""
        self.running = None
        journal_of(self.folder).write_bytes(self.backup)

    def _log(self, place: Path, line: bytes) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as file:
            file.write(line)


NAMES = [name for name in vars(Changes) if not name.startswith("_") and name not in ("session",)]


@pytest.mark.parametrize("seed", range(6))
def test_the_kept_state_is_the_one_on_record_after_every_change(folder: Path, seed: int) -> None:
    keeper, changes, rng = Keeper(folder), Changes(folder, seed), random.Random(seed)
    check(keeper, folder)
    for _ in range(18):
        getattr(changes, rng.choice(NAMES))()
        check(keeper, folder)


@pytest.mark.parametrize("name", NAMES)
def test_every_change_alone_is_seen(folder: Path, name: str) -> None:
    keeper, changes = Keeper(folder), Changes(folder, 1)
    check(keeper, folder)
    getattr(changes, name)()
    check(keeper, folder)
    getattr(changes, name)()
    check(keeper, folder)


def shown(session: Session, each: object) -> str:
    return json.dumps([each.value(session, GIVEN), each.beside(session, GIVEN)], sort_keys=True, default=str)  # type: ignore[attr-defined]


def test_a_page_is_made_anew_where_something_changed_and_only_then(folder: Path) -> None:
    keeper, changes = Keeper(folder), Changes(folder, 3)
    made: list[str] = []

    def asked(each: object) -> str:
        def make(session: Session) -> str:
            made.append(each.path)  # type: ignore[attr-defined]
            return shown(session, each)

        return keeper.value(each.path, make)  # type: ignore[attr-defined]

    few = [each for each in PAGES if each.path in ("/", "/answers", "/live/{round}", "/rank", "/proposals")]
    assert all(each.kept for each in few)
    for change in ("answer", "grow"):
        getattr(changes, change)()
        fresh = open_project(folder)
        assert {each.path: asked(each) for each in few} == {each.path: shown(fresh, each) for each in few}, change
        made.clear()
        assert [asked(each) for each in few]
        assert made == []


def test_a_round_that_runs_is_read_on_and_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    whole = Ledger.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Ledger, "open", classmethod(lambda kind, home: opened.append(home) or whole(kind, home)))
    keeper = Keeper(folder)
    with keeper.session() as session:
        session.state()
        with Ledger.write(folder / ".playnote", "runner") as ledger:
            for number in range(2, 7):
                trial = ledger.trials()[0].id
                ledger.append("attempt-started", {"trial": trial, "attempt": number})
                session.state()
                ledger.append("attempt-ended", {"trial": trial, "attempt": number, "outcome": "ok", "retry": False})
                session.state()
        with Ledger.write(folder / ".playnote", "person") as ledger:
            ledger.append("answer", {"rule": "A-single-goal", "answer": "one"})
        assert session.state().events("answer")[-1].data["answer"] == "one"
    assert len(opened) == 1


def test_a_project_file_that_cannot_be_read_is_said_each_time_and_forgotten_once_it_can(folder: Path) -> None:
    from playnote.errors import ProjectFileError

    keeper, place = Keeper(folder), folder / "playnote.toml"
    check(keeper, folder)
    good = place.read_bytes()
    place.write_bytes(b"[project\n")
    for _ in range(2):
        with pytest.raises(ProjectFileError):
            keeper.project()
    place.write_bytes(good)
    check(keeper, folder)
    rounds.round_close(open_project(folder), "kept")
    check(keeper, folder)
