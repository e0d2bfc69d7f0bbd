"""Executors: each job starts once, its log comes whole, and it ends once, with the outcome that its end means."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playnote.errors import InputError, NotFoundError, WorkflowError
from playnote.execution import Ended, Event, Executor, InlineExecutor, Job, LocalExecutor, LogLines, Started
from playnote.execution.choose import executor_for
from playnote.recorder import TrialCard, attempt_log
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial

Values = dict[str, float | int | str | bool]


def job(folder: Path, number: int, watch: tuple[str, ...] = ("dev/error",), **configuration: float) -> Job:
    values: Values = configuration or {"lr": number / 10}
    name = f"t{number:04d}"
    trial = PlannedTrial(
        id=name, study="r1", round=1, purpose="search", configuration=values, seed=number, index=number
    )
    card = TrialCard(id=name, configuration=values, seed=number, watch=watch)
    return Job(trial=trial, card=card, folder=folder / "trials" / name)


def workflow_in(folder: Path, code: str, file: str = "model.py", **given: object) -> Workflow:
    (folder / file).write_text(code, encoding="utf-8")
    options = given if "command" in given else {"function": "model:train", **given}
    return Workflow(folder=str(folder), **options)  # type: ignore[arg-type]


def ends(events: list[Event]) -> dict[str, Ended]:
    return {event.trial: event for event in events if isinstance(event, Ended)}


def logged(folder: Path, number: int, metric: str) -> list[tuple[float, float]]:
    records = decode(attempt_log(folder / "trials" / f"t{number:04d}", 1).read_bytes()).records
    return [(r["step"], r["metrics"][metric]) for r in records if r["kind"] == "log" and metric in r["metrics"]]


@pytest.fixture
def local() -> Iterator[Callable[[int], LocalExecutor]]:
    made: list[LocalExecutor] = []

    def make(workers: int = 1) -> LocalExecutor:
        made.append(LocalExecutor(workers))
        return made[-1]

    yield make
    for executor in made:
        executor.close()


PIDS = (
    "import os, random\n"
    "imported = []\n"
    "imported.append(os.getpid())\n"
    "def train(trial):\n"
    "    trial.log(1, {'dev/error': random.random(), 'pid': os.getpid(), 'used': len(imported)})\n"
    "    imported.append(trial.id)\n"
    "    if trial.id == 't0002' and trial.configuration.get('bad'):\n"
    "        trial.log(2, {'dev/error': float('nan')})\n"
)


@pytest.mark.parametrize("executor", [InlineExecutor(), LocalExecutor(1), LocalExecutor(2)], ids=["inline", "1", "2"])
def test_every_job_has_one_start_then_its_whole_log_then_one_end(executor: Executor, tmp_path):
    workflow = workflow_in(tmp_path, PIDS)
    try:
        events = list(executor.run([job(tmp_path, n) for n in range(1, 5)], workflow))
    finally:
        executor.close()
    for number in range(1, 5):
        mine = [event for event in events if event.trial == f"t{number:04d}"]
        assert isinstance(mine[0], Started)
        assert isinstance(mine[-1], Ended)
        lines = [event for event in mine if isinstance(event, LogLines)]
        assert len(lines) == len(mine) - 2
        assert [event.offset for event in lines] == [
            sum(len(before.data) for before in lines[:at]) for at in range(len(lines))
        ]
        log = attempt_log(tmp_path / "trials" / f"t{number:04d}", 1)
        assert b"".join(event.data for event in lines) == log.read_bytes()


def test_a_warm_worker_imports_the_code_once_and_starts_every_trial_with_the_same_random_state(tmp_path, local):
    workflow = workflow_in(tmp_path, PIDS)
    list(local().run([job(tmp_path, n) for n in (1, 2, 3)], workflow))
    pids = {logged(tmp_path, n, "pid")[0][1] for n in (1, 2, 3)}
    assert len(pids) == 1
    assert [logged(tmp_path, n, "used")[0][1] for n in (1, 2, 3)] == [1, 2, 3]
    assert [logged(tmp_path, n, "dev/error")[0][1] for n in (1, 2, 3)] == [random.Random(n).random() for n in (1, 2, 3)]


def test_a_worker_is_replaced_after_nan(tmp_path, local):
    workflow = workflow_in(tmp_path, PIDS)
    events = list(local().run([job(tmp_path, n, bad=1, lr=0.1) for n in (1, 2, 3)], workflow))
    assert {name: end.outcome for name, end in ends(events).items()} == {"t0001": "ok", "t0002": "nan", "t0003": "ok"}
    pids = [logged(tmp_path, n, "pid")[0][1] for n in (1, 2, 3)]
    assert pids[0] == pids[1] != pids[2]


def test_with_fresh_isolation_no_two_trials_share_a_process(tmp_path, local):
    workflow = workflow_in(tmp_path, PIDS, isolation="fresh")
    list(local().run([job(tmp_path, n) for n in (1, 2, 3)], workflow))
    assert len({logged(tmp_path, n, "pid")[0][1] for n in (1, 2, 3)}) == 3


def test_threads_of_a_worker_are_held_to_one(tmp_path, local):
    code = (
        "import os\n"
        "NAMES = ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS')\n"
        "def train():\n"
        "    return {'dev/error': sum(int(os.environ[name]) for name in NAMES)}\n"
    )
    list(local().run([job(tmp_path, 1)], workflow_in(tmp_path, code, max_train_steps=7)))
    assert logged(tmp_path, 1, "dev/error") == [(7, 3)]


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("raise ValueError('no')", "failed:code"),
        ("raise SystemExit(3)", "failed:code"),
        ("raise SystemExit(0)", "ok"),
        ("raise MemoryError", "oom"),
        ("raise RuntimeError('CUDA out of memory')", "oom"),
        ("raise OSError(28, 'No space left on device')", "failed:infra"),
        ("raise ConnectionResetError", "failed:infra"),
        ("os._exit(0)", "failed:code"),
        ("os.kill(os.getpid(), 9)", "failed:infra"),
        ("os.kill(os.getpid(), 15)", "failed:preempted"),
        ("trial.log(1, {'dev/error': float('inf')})", "nan"),
    ],
)
def test_the_outcome_says_how_the_trial_ended(tmp_path, local, line, outcome):
    workflow = workflow_in(tmp_path, f"import os\ndef train(trial):\n    {line}\n")
    assert ends(list(local().run([job(tmp_path, 1)], workflow)))["t0001"].outcome == outcome


def test_a_traceback_begins_in_the_users_own_file(tmp_path, local):
    workflow = workflow_in(tmp_path, "def inner():\n    1 / 0\ndef train(trial):\n    inner()\n")
    error = ends(list(local().run([job(tmp_path, 1)], workflow)))["t0001"].error
    assert error.count("Traceback") == 1
    assert [line.split('"')[1] for line in error.splitlines() if line.startswith("  File")] == [
        str(tmp_path / "model.py")
    ] * 2


def test_a_trial_beyond_its_time_limit_is_ended_with_all_it_started(tmp_path, local):
    workflow = workflow_in(
        tmp_path, "sleep 600 & echo $! > child\nwait\n", file="slow.sh", command="sh slow.sh", seconds=0.5
    )
    end = ends(list(local().run([job(tmp_path, 1)], workflow)))["t0001"]
    assert end.outcome == "failed:code"
    assert "time limit" in end.error
    assert not _runs(int((tmp_path / "child").read_text()))


def test_a_trial_beyond_its_memory_limit_is_out_of_memory(tmp_path, local):
    code = (
        "import time\ndef train(trial):\n    held = bytearray(300 * 2**20)\n    time.sleep(600)\n    return len(held)\n"
    )
    end = ends(list(local().run([job(tmp_path, 1)], workflow_in(tmp_path, code, memory_mb=250))))["t0001"]
    assert end.outcome == "oom"
    assert "250 MB" in end.error


def test_closing_a_run_ends_what_runs(tmp_path, local):
    code = "import os, time\ndef train(trial):\n    trial.log(1, {'pid': os.getpid()})\n    time.sleep(600)\n"
    running = local().run([job(tmp_path, 1)], workflow_in(tmp_path, code))
    assert isinstance(next(running), Started)
    while not (isinstance(next(running), LogLines) and logged(tmp_path, 1, "pid")):
        pass
    running.close()
    assert not _runs(int(logged(tmp_path, 1, "pid")[0][1]))


def test_lambdas_run_here_and_named_functions_in_workers(tmp_path):
    workflow = Workflow(folder=str(tmp_path))
    assert isinstance(executor_for("local", 2, workflow, lambda lr: lr)[0], InlineExecutor)
    named, given = executor_for("local", 2, workflow, random.seed)
    assert isinstance(named, InlineExecutor)  # a bound method is found by no name
    assert given.function is None
    shipped, given = executor_for("local", 2, workflow, job)
    assert isinstance(shipped, LocalExecutor)
    assert given.function == f"{job.__module__}:job"


def test_an_unknown_executor_and_no_workers_are_refused():
    with pytest.raises(NotFoundError, match="cluster"):
        executor_for("cluster", 1, Workflow(function="a:b"))
    with pytest.raises(WorkflowError):
        executor_for("local", 1, None)
    with pytest.raises(InputError):
        LocalExecutor(0)


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return sys.platform == "linux" and state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
