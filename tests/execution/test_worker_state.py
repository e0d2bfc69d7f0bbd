"""A worker that has trained before is like a new one, and tells why when it cannot go on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_executors import ends, job, logged, workflow_in

from playnote.errors import WorkflowError
from playnote.execution import LocalExecutor
from playnote.recorder import attempt_log


@pytest.fixture
def worker() -> Iterator[LocalExecutor]:
    executor = LocalExecutor(1)
    yield executor
    executor.close()


NETWORK = """
import numpy
import torch

def train(trial):
    numpy.random.rand(trial.seed + 1)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Dropout(0.3), torch.nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.tensor(numpy.random.randn(64, 8), dtype=torch.float32)
    for step in range(20):
        loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trial.log(step, {"dev/error": loss.item()})
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
"""


def test_warm_and_fresh_workers_give_the_same_numbers(tmp_path, worker):
    warm, fresh = tmp_path / "warm", tmp_path / "fresh"
    warm.mkdir()
    fresh.mkdir()
    list(worker.run([job(warm, 1), job(warm, 2)], workflow_in(warm, NETWORK)))
    list(worker.run([job(fresh, 2)], workflow_in(fresh, NETWORK, isolation="fresh")))
    assert logged(warm, 2, "dev/error") == logged(fresh, 2, "dev/error")
    assert len(logged(warm, 2, "dev/error")) == 20


def test_putting_torch_back_as_it_was_imports_nothing_where_nothing_was_changed(tmp_path, worker):
    code = """
import sys
import torch

def train(trial):
    trial.log(1, {"dev/error": float("torch._inductor" in sys.modules)})
"""
    list(worker.run([job(tmp_path, n) for n in (1, 2)], workflow_in(tmp_path, code)))
    assert logged(tmp_path, 1, "dev/error") == logged(tmp_path, 2, "dev/error") == [(1, 0.0)]


def test_what_a_trial_changes_around_it_is_undone_before_the_next(tmp_path, worker):
    code = """
import os
import sys

def train(trial):
    trial.log(0, {"dev/error": float(os.environ.get("LEFT", "0"))})
    trial.log(1, {"dev/error": float(os.path.exists("model.py"))})
    trial.log(2, {"dev/error": float("more" in sys.argv)})
    os.environ["LEFT"] = "1"
    sys.argv.append("more")
    os.chdir("/")
"""
    list(worker.run([job(tmp_path, n) for n in (1, 2)], workflow_in(tmp_path, code)))
    assert logged(tmp_path, 1, "dev/error") == logged(tmp_path, 2, "dev/error") == [(0, 0.0), (1, 1.0), (2, 0.0)]


def test_what_a_trial_prints_is_kept_in_its_folder_children_included(tmp_path, worker):
    code = 'import os\n\ndef train(trial):\n    print("spoken")\n    os.system("echo whispered")\n'
    list(worker.run([job(tmp_path, 1)], workflow_in(tmp_path, code)))
    said = (tmp_path / "trials" / "t0001" / "output-1.txt").read_text()
    assert "spoken" in said
    assert "whispered" in said


def test_the_peak_of_memory_is_the_trials_own(tmp_path, worker):
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells a peak that can be set back")
    code = 'def train(trial):\n    held = bytearray(b"x" * (300 << 20)) if trial.seed == 1 else None\n'
    found = ends(list(worker.run([job(tmp_path, n) for n in (1, 2)], workflow_in(tmp_path, code))))
    large, small = (float(str(found[name].facts["peak_memory_mb"])) for name in ("t0001", "t0002"))
    assert large > 300 > small


def test_a_module_that_kills_its_process_stops_the_run_with_its_last_words(tmp_path, worker):
    code = 'import os\nimport sys\n\nprint("the end is near", file=sys.stderr, flush=True)\nos._exit(3)\n'
    with pytest.raises(WorkflowError, match="the end is near"):
        list(worker.run([job(tmp_path, 1)], workflow_in(tmp_path, code)))


def test_a_module_with_a_fault_is_shown_with_its_own_traceback_alone(tmp_path, worker):
    with pytest.raises(WorkflowError) as caught:
        list(worker.run([job(tmp_path, 1)], workflow_in(tmp_path, "import no_such_module_at_all\n")))
    assert "no_such_module_at_all" in str(caught.value)
    assert "playnote/execution" not in str(caught.value)


def test_an_end_that_was_written_counts_even_if_the_worker_dies_before_it_is_told(tmp_path, worker):
    # The thread kills the worker while it reports: whichever of the two ways the end takes, it is "ok".
    code = """
import os
import signal
import threading

def train(trial):
    trial.log(1, {"dev/error": 0.5})
    ended = trial.folder / "end-1.json"

    def kill():
        while not ended.exists():
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
"""
    assert ends(list(worker.run([job(tmp_path, 1)], workflow_in(tmp_path, code))))["t0001"].outcome == "ok"


def test_workers_are_kept_between_runs(tmp_path, worker):
    code = "import os\n\ndef train(trial):\n    trial.log(1, {'dev/error': os.getpid()})\n"
    workflow = workflow_in(tmp_path, code)
    for number in (1, 2):
        list(worker.run([job(tmp_path, number)], workflow))
    assert logged(tmp_path, 1, "dev/error") == logged(tmp_path, 2, "dev/error")


def test_a_worker_ended_by_a_signal_says_which(tmp_path, worker):
    code = "import os, signal\n\ndef train(trial):\n    os.kill(os.getpid(), signal.SIGSEGV)\n"
    ended = ends(list(worker.run([job(tmp_path, 1)], workflow_in(tmp_path, code))))["t0001"]
    assert ended.facts["exit_code"] == -signal.SIGSEGV
    assert ended.outcome == "failed:code"
    assert attempt_log(tmp_path / "trials" / "t0001", 1).exists()
