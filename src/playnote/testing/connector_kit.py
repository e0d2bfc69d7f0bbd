"""What every connector must do, as checks that its own tests run; each returns the promises it breaks, in words.

    def write(folder: Path, trials: Sequence[KnownTrial]) -> Path:   # with the tool's library, or by its format
        ...                                                          # the file or folder to read

    assert reads_back(write, tmp_path) == ()
    assert bears(write, tmp_path) == ()

`reads_back`: what was written is read equal, value by value, and nothing is touched. `bears`: whatever happens to
the files, there is one `SourceError`, or an import that says what it left out; never another exception, never a
silent loss.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.errors import SourceError
from playnote.records.trial import TrialRecord
from playnote.testing.hostile_sources import copied, files_of, linked_away, spoilt
from playnote.testing.known_trials import METRIC, KnownTrial, known_trials, long_trial
from playnote.text import Text, same

_LONGEST = 2_500  # letters that a sentence may have, with a few long names in it
_FILES = 12  # files of a source that are spoilt, evenly chosen where it has many
Write = Callable[[Path, Sequence[KnownTrial]], Path]
Read = Callable[[Path], Imported]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeps:
    """What a format can hold; a promise about what it cannot is not asked for.

    number   a reading as it is stored (float32 in some)
    setting  a setting as it is stored (text in some); by default as it is
    curves   whether readings at every step are kept
    scores   whether the score is the best reading (some formats hold the last one alone)
    seeds, failures  whether they are
    metrics  whether every series is kept, or the score's alone
    clean    whether a cut file looks whole (cut between two lines, say), so that no reader can tell
    """

    number: Callable[[float], float] = float
    setting: Callable[[object], object] = lambda value: value
    settings: bool = True
    curves: bool = True
    scores: bool = True
    seeds: bool = True
    failures: bool = True
    metrics: bool = True
    clean: Callable[[bytes], bool] = lambda data: False


def through_table(source: Path) -> Imported:
    """The source read as `review` reads it, the score named."""
    return read_source(str(source), Wanted(metric=METRIC, direction="minimize"))


def reads_back(
    write: Write, folder: Path, keeps: Keeps = Keeps(), read: Read = through_table, *, steps: int = 100_000
) -> tuple[str, ...]:
    """Promises broken with whole sources: values, ends, a long curve, and the source left as it was.

    steps  length of the long curve; 0 where the format keeps no curves
    """
    trials = known_trials(failed=keeps.failures)
    source = write(_new(folder / "known"), trials)
    before = look(source)
    got = read(source)
    broken = [*_matched(trials, got, keeps)]
    if steps and keeps.curves:
        trial = long_trial(steps)
        long = read(write(_new(folder / "long"), [trial]))
        broken += _curves(trial, long.state.trials[0], long, keeps)
    if look(source) != before:
        broken.append("reading changes the source or the files beside it")
    return tuple(broken)


def bears(
    write: Write, folder: Path, keeps: Keeps = Keeps(), read: Read = through_table, *, most: int = 12
) -> tuple[str, ...]:
    """Promises broken with spoilt sources: every file of it cut, mixed up, flipped, absent or a folder, and links.

    most  how many cuts and how many flipped bytes a file
    """
    trials = known_trials(failed=keeps.failures)[:2]
    source = write(_new(folder / "whole"), trials)
    whole = _size(read(source))
    broken: list[str] = []
    place = copied(source, _new(folder / "spoilt"))
    names = files_of(place)
    for name in names[:: 1 + len(names) // _FILES]:
        path = place / name
        data = path.read_bytes()
        for what, spoilt_data in spoilt(data, most):
            path.write_bytes(spoilt_data)
            may_lose = not what.startswith("cut") or keeps.clean(spoilt_data)
            broken += (f"{name}: {what}: {how}" for how in _borne(place, read, whole, may_lose=may_lose))
        path.unlink()
        broken += (f"{name}: absent: {how}" for how in _borne(place, read, whole, may_lose=True))
        path.mkdir()
        broken += (f"{name}: a folder: {how}" for how in _borne(place, read, whole, may_lose=True))
        path.rmdir()
        path.write_bytes(data)
    if source.is_dir():
        broken += _links(copied(source, _new(folder / "linked")), folder / "outside", read, whole)
    return tuple(broken)


def bears_huge_names(
    write: Write, folder: Path, read: Read = through_table, *, letters: int = 5_000
) -> tuple[str, ...]:
    """Promises broken with names and texts far longer than any sentence: whatever is said stays short enough to read."""
    huge = "é<b>" * (letters // 4)
    trials = [
        KnownTrial(
            name=trial.name,
            configuration={"lr": trial.configuration["lr"], huge: huge + trial.name},
            seed=trial.seed,
            series={METRIC: trial.series[METRIC], huge: trial.series[METRIC]},
        )
        for trial in known_trials()[:4]
    ]
    said: list[Text] = []
    try:
        source = write(_new(folder / "huge"), trials)
        got = read(source)
        said += got.left_out
        if [trial.configuration.get(huge) for trial in got.state.trials] != [huge + trial.name for trial in trials]:
            said.append(same("a huge setting is cut" + " " * _LONGEST))
        read_source(str(source), Wanted(metric="absent", direction="minimize"))
    except SourceError as error:
        said += [error.problem, error.fix]
    return tuple(f"{len(text.en)} letters: {text.en[:80]}" for text in said if len(text.en) > _LONGEST)


def look(source: Path) -> list[tuple[str, int, str]]:
    """Names, times of change and contents of the source and everything beside it."""
    place = source if source.is_dir() else source.parent
    found = []
    for path in sorted([place, *place.rglob("*")]):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found.append((str(path), path.lstat().st_mtime_ns, content))
    return found


@dataclass(frozen=True, slots=True)
class _Size:
    trials: int
    readings: int
    settings: int
    notes: frozenset[str]


def _size(got: Imported) -> _Size:
    readings = sum(
        len(curve)
        for trial in got.state.trials
        for metric in got.state.curves.metrics(trial.id)
        if (curve := got.state.curves.curve(trial.id, metric)) is not None
    )
    settings = sum(len(trial.configuration) for trial in got.state.trials)
    return _Size(len(got.state.trials), readings, settings, frozenset(text.en for text in got.left_out))


def _borne(place: Path, read: Read, whole: _Size, *, may_lose: bool) -> Iterator[str]:
    """What is wrong with how a spoilt source is taken."""
    before = look(place)
    try:
        got = _size(read(place))
    except SourceError as error:
        if not all((error.problem.en, error.problem.zh, error.fix.en, error.fix.zh)):
            yield "the error lacks a problem or a fix in one language"
    except Exception as error:  # the one promise: nothing else comes out
        yield f"{type(error).__name__} comes out: {error}"
    else:
        less = got.trials < whole.trials or got.readings < whole.readings or got.settings < whole.settings
        if less and got.notes <= whole.notes and not may_lose:  # no sentence that the whole source does not bring
            yield f"read {got} of {whole} and says nothing of it"
    if look(place) != before:
        yield "reading changes the files"


def _links(source: Path, outside: Path, read: Read, whole: _Size) -> Iterator[str]:
    links = linked_away(source, outside)
    before = look(source)
    try:
        got = _size(read(source))
    except SourceError:
        return
    if got.trials > whole.trials:
        yield f"{got.trials} trials are read through links, where {whole.trials} are in the folder"
    elif got.notes <= whole.notes:
        yield f"{len(links)} links are passed over without a word"
    if look(source) != before:
        yield "reading changes a folder with links"


def _matched(trials: Sequence[KnownTrial], got: Imported, keeps: Keeps) -> Iterator[str]:
    found = got.state.trials
    if len(found) != len(trials):
        yield f"{len(trials)} trials were written, {len(found)} read: {[trial.id for trial in found]}"
        return
    by_name = {trial.id: trial for trial in found}
    named = all(trial.name in by_name for trial in trials)
    for at, trial in enumerate(trials):
        mine = by_name[trial.name] if named else found[at]
        yield from (f"{trial.name}: {what}" for what in _compared(trial, mine, got, keeps))


def _compared(trial: KnownTrial, mine: TrialRecord, got: Imported, keeps: Keeps) -> Iterator[str]:
    for name, value in trial.configuration.items() if keeps.settings else ():
        stored, read = keeps.setting(value), mine.configuration.get(name)
        if read != stored or isinstance(read, bool) != isinstance(stored, bool):
            yield f"{name} is {read!r}, where {stored!r} was written"
    if keeps.seeds and mine.seed != trial.seed:
        yield f"the seed is {mine.seed}, where {trial.seed} was written"
    if mine.outcome != trial.ends:
        yield f"the outcome is {mine.outcome}, where it ended {trial.ends}"
    score, due = got.state.readings[mine.id].score, trial.score
    if keeps.scores and score != (None if due is None else keeps.number(due)):
        yield f"the score is {score}, where the best reading is {due}"
    yield from _curves(trial, mine, got, keeps) if keeps.curves else ()


def _curves(trial: KnownTrial, mine: TrialRecord, got: Imported, keeps: Keeps) -> Iterator[str]:
    for metric, series in trial.series.items():
        if metric != METRIC and not keeps.metrics:
            continue
        curve = got.state.curves.curve(mine.id, metric)
        if curve is None:
            yield f"{metric} is not read"
            continue
        steps, values = [float(step) for step, _ in series], [keeps.number(value) for _, value in series]
        if curve.steps.tolist() != steps:
            yield f"{metric} has other steps: {len(curve)} of {len(steps)}"
        elif not all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(curve.values, values, strict=True)):
            yield f"{metric} has other values"


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


__all__ = ["Keeps", "bears", "bears_huge_names", "look", "reads_back", "through_table"]
