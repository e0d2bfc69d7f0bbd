"""The loop: what was planned runs to its end once, wherever and however often it is interrupted."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from playnote.errors import WorkflowError
from playnote.ledger import Ledger
from playnote.procedures.round import run_trials, unfinished


def test_inline_and_two_workers_record_the_same_numbers(make, tmp_path):
    made = make()
    made.run(on="inline")
    here = made.errors()
    shutil.rmtree(made.home)
    again = make()
    again.run(workers=2)
    assert again.errors() == here
    assert None not in here
    assert again.outcomes() == ["ok"] * 6


def test_progress_counts_up_to_the_total_and_names_each_trial_once(make):
    made = make()
    seen = made.run(workers=2)
    assert (seen[0].done, seen[0].total, seen[-1].done, seen[-1].running) == (0, 6, 6, 0)
    assert sorted(each.last[0] for each in seen if each.last) == [each.id for each in made.planned]
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert seen[-1].eta == 0.0
    assert max(each.running for each in seen) <= 2


def test_a_python_function_takes_the_place_of_the_workflow_and_gets_its_hyperparameters_by_name(make):
    made = make()
    made.run(train=lambda lr, seed: {"dev/error": lr + seed})
    assert made.errors() == [each.configuration["lr"] + each.seed for each in made.planned]


def test_a_run_that_was_closed_is_continued_with_the_rest_alone(make):
    made = make()
    with Ledger.write(made.home, "runner") as ledger:
        running = run_trials(made.project, ledger, made.planned, on="inline")
        for progress in running:
            if progress.done == 2:
                break
        running.close()
        assert [each.id for each in unfinished(ledger, made.planned)] == ["t0003", "t0004", "t0005", "t0006"]
    made.run(workers=2)
    assert made.outcomes() == ["ok"] * 6
    assert all(made.attempts()[trial] == 1 for trial in ("t0001", "t0002"))
    assert made.run()[0].done == 6
    assert len(made.ledger().events("run-started")) == 2


def test_only_the_planned_trials_that_are_given_are_run(make):
    made = make()
    with Ledger.write(made.home, "runner") as ledger:
        list(run_trials(made.project, ledger, made.planned[2:4], on="inline"))
    assert made.outcomes() == [None, None, "ok", "ok", None, None]


def test_a_worker_that_dies_is_replaced_and_its_trial_tried_again(make):
    made = make(
        """
        import os, signal
        from pathlib import Path

        def train(trial):
            mark = Path("died")
            if trial.id == "t0002" and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            trial.log(1, {"dev/error": trial.configuration["lr"]})
        """.replace("\n        ", "\n")
    )
    made.run(workers=2)
    assert made.outcomes() == ["ok"] * 6
    ends = [(e.data["outcome"], e.data["retry"]) for e in made.ledger().events("attempt-ended")
            if e.data["trial"] == "t0002"]  # fmt: skip
    assert ends == [("failed:infra", True), ("ok", False)]


def test_a_trial_that_the_machine_always_ends_is_given_up_after_its_retries(make):
    made = make(
        "import os, signal\n"
        "def train(trial):\n"
        "    if trial.id == 't0002':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    trial.log(1, {'dev/error': 0.5})\n",
        trials=3,
        function="model:train",
        retries=1,
    )
    last = made.run()[-1]
    assert (last.done, last.failed) == (2, 1)
    assert made.attempts()["t0002"] == 2
    assert made.outcomes() == ["ok", "failed:infra", "ok"]


def test_code_that_always_fails_stops_the_round_and_its_traceback_is_shown_once(make):
    made = make("def train(trial):\n    raise ValueError('wrong shape')\n")
    with pytest.raises(WorkflowError) as caught:
        made.run()
    shown = str(caught.value)
    assert shown.count("Traceback") == 1
    assert shown.count("ValueError: wrong shape") == 1
    assert "playnote/execution" not in shown
    assert made.outcomes()[3:] == [None] * 3


def test_a_single_failure_in_the_code_does_not_stop_the_round(make):
    made = make(
        "def train(trial):\n"
        "    if trial.id == 't0001':\n"
        "        raise ValueError('once')\n"
        "    trial.log(1, {'dev/error': 0.5})\n"
    )
    last = made.run()[-1]
    assert (last.done, last.failed) == (5, 1)
    error = next(e.data["error"] for e in made.ledger().events("attempt-ended") if e.data["trial"] == "t0001")
    assert str(error).count("Traceback") == 1


def test_code_that_cannot_be_imported_is_reported_before_any_trial(make):
    made = make("import no_such_module_anywhere\n")
    with pytest.raises(WorkflowError, match="no_such_module_anywhere"):
        made.run()


def test_nan_in_the_objective_ends_the_trial_at_once(make):
    made = make(
        "def train(trial):\n"
        "    for step in range(1, 9):\n"
        "        bad = trial.id == 't0002' and step == 3\n"
        "        trial.log(step, {'dev/error': float('nan') if bad else 0.5})\n"
        "    open(trial.id + '.reached', 'w').close()\n",
        trials=3,
    )
    made.run(workers=2)
    assert made.outcomes() == ["ok", "nan", "ok"]
    folder = Path(made.project.folder)
    assert sorted(path.name for path in folder.glob("*.reached")) == ["t0001.reached", "t0003.reached"]
    assert made.ledger().trial("t0002").attempts == 1


def test_a_train_loss_beyond_ten_times_its_first_value_is_an_explosion(make):
    made = make(
        "def train(trial):\n"
        "    for step in range(1, 9):\n"
        "        loss = 2.0 * 3.0 ** step if trial.id == 't0002' else 2.0 / step\n"
        "        trial.log(step, {'train/loss': loss, 'dev/error': 0.5})\n",
        trials=3,
    )
    made.run(on="inline")
    assert made.outcomes() == ["ok", "exploded", "ok"]


def test_memory_that_runs_out_is_the_configurations_own_result(make):
    made = make(
        "def train(trial):\n"
        "    if trial.id == 't0002':\n"
        "        raise MemoryError\n"
        "    trial.log(1, {'dev/error': 0.5})\n",
        trials=3,
    )
    made.run()
    assert made.outcomes() == ["ok", "oom", "ok"]
    assert made.attempts()["t0002"] == 1


SHELL = """#!/bin/sh
# lr, seed
for step in 1 2 3; do
  printf '{"step": %s, "dev/error": %s}\\n' "$step" "$1"
done
"""
NODE = """
const [lr, seed] = process.argv.slice(2).map(Number);
for (let step = 1; step <= 3; step++) console.log(JSON.stringify({step, dev: {error: lr + seed / step}}));
"""


def test_a_shell_script_runs_a_whole_round(make):
    made = make(SHELL, file="train.sh", command="sh train.sh {lr} {seed}", metrics="stdout")
    made.run(workers=2)
    assert made.outcomes() == ["ok"] * 6
    assert made.errors() == [each.configuration["lr"] for each in made.planned]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_a_node_script_runs_a_whole_round(make):
    made = make(NODE, file="train.mjs", command="node train.mjs {lr} {seed}", metrics="stdout")
    made.run(workers=2)
    assert made.outcomes() == ["ok"] * 6
    assert made.errors() == pytest.approx([e.configuration["lr"] + e.seed / 3 for e in made.planned], rel=1e-12)


def test_a_command_that_uses_the_recorder_finds_its_trial(make):
    made = make(
        "import playnote\ntrial = playnote.current_trial()\ntrial.log(1, {'dev/error': trial.configuration['lr']})\n",
        trials=2,
        command="python model.py",
    )
    made.run()
    assert made.errors() == [0.1, 0.2]


@pytest.mark.faults
def test_a_runner_killed_in_the_middle_loses_nothing_that_had_ended_and_leaves_no_orphans(make):
    slow = (
        "import os, time\n"
        "def train(trial):\n"
        "    open('pids', 'a').write(f'{os.getpid()}\\n')\n"
        "    time.sleep(0.2)\n"
        "    trial.log(1, {'dev/error': trial.configuration['lr']})\n"
    )
    made = make(slow, trials=8)
    script = Path(made.project.folder) / "runner.py"
    script.write_text(_runner(made), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        list(islice(_done(runner.stdout), 3))
        runner.send_signal(signal.SIGKILL)
    finished = {e.data["trial"] for e in made.ledger().events("attempt-ended")}
    assert len(finished) >= 3
    made.run(workers=2)
    assert made.outcomes() == ["ok"] * 8
    assert all(made.attempts()[trial] == 1 for trial in finished)
    assert max(made.attempts().values()) <= 2
    ends = [e.data["trial"] for e in made.ledger().events("attempt-ended") if e.data["outcome"] == "ok"]
    assert len(ends) == len(set(ends)) == 8
    pids = {int(pid) for pid in (Path(made.project.folder) / "pids").read_text().split()}
    assert not any(_trains(pid) for pid in pids)


def _done(lines: Iterator[str]) -> Iterator[str]:
    return (line for line in lines if line.startswith("ended"))


def _trains(pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline")
    return command.exists() and b"playnote.execution.worker" in command.read_bytes()


def _runner(made: object) -> str:
    return textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from playnote.ledger import Ledger
        from playnote.procedures.round import run_trials
        from playnote.records.objective import Objective
        from playnote.records.project import Project, Workflow

        project = Project(
            name="made",
            objective=Objective(formula="dev/error", direction="minimize"),
            workflow=Workflow(function="model:train", max_train_steps=5),
            folder={made.project.folder!r},
        )
        if __name__ == "__main__":
            with Ledger.write(Path({str(made.home)!r}), "runner") as ledger:
                planned = [ledger.planned(f"t{{i:04d}}") for i in range(1, 9)]
                for progress in run_trials(project, ledger, planned, workers=2):
                    if progress.last:
                        print("ended", progress.last[0], flush=True)
        """
    )


def test_a_trial_whose_worker_died_goes_on_from_its_last_checkpoint_and_its_curve_is_whole(make):
    made = make(
        """
        import os, signal
        def train(trial):
            start, state = trial.resume() or (-1, {"sum": 0})
            for step in range(int(start) + 1, 8):
                state["sum"] += step
                trial.log(step, {"dev/error": 1.0 / (1 + state["sum"])})
                trial.checkpoint(step, state)
                if step == 4 and start < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        """.replace("\n        ", "\n"),
        trials=2,
    )
    made.run(workers=2)
    assert made.outcomes() == ["ok", "ok"]
    assert set(made.attempts().values()) == {2}
    curve = made.ledger().curves.curve("t0001", "dev/error")
    assert curve.steps.tolist() == list(range(8))
    assert curve.values.tolist() == [1.0 / (1 + step * (step + 1) // 2) for step in range(8)]
