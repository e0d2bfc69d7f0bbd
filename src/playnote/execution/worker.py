"""What runs in a worker process: it loads the training function once, then trains one trial after another.

It belongs to its runner. The runner holds the other end of a pipe; when that closes, however the runner died,
the worker ends itself and everything it started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import playnote
from playnote.errors import PlaynoteError
from playnote.execution.attempt import run_attempt
from playnote.execution.calling import Function, load_function
from playnote.execution.command import output_file
from playnote.execution.events import Ended, Job
from playnote.execution.outcomes import own_traceback
from playnote.execution.reset import one_thread
from playnote.records.project import Workflow

INSIDE = "PLAYNOTE_WORKER"  # set in a worker's environment


def main(orders: int, life: int) -> None:
    """Take jobs from the connection `orders`; `life` is the pipe whose closing ends this process."""
    threading.Thread(target=_die_with_runner, args=(life,), daemon=True).start()
    runner = Connection(orders)
    workflow: Workflow
    workflow, path = runner.recv()
    sys.path.extend(entry for entry in path if entry not in sys.path)
    os.chdir(workflow.folder)
    try:
        function = load_function(workflow.function, Path(workflow.folder)) if workflow.function else None
    except (Exception, SystemExit) as error:
        said = (
            str(error)
            if isinstance(error, PlaynoteError)
            else own_traceback(error, str(Path(playnote.__file__).parent))
        )
        runner.send(("broken", said))
        return
    one_thread()
    runner.send(("ready", ""))
    while True:
        try:
            job, workflow = runner.recv()  # the workflow anew: a procedure changes its length between trials
        except EOFError:
            return
        runner.send(("ended", _train(job, workflow, function)))


def _train(job: Job, workflow: Workflow, function: Function | None) -> Ended:
    os.environ["PLAYNOTE_TRIAL"] = str(job.folder.absolute())
    os.environ["PLAYNOTE_ATTEMPT"] = str(job.card.attempt)
    if function is None:
        return run_attempt(job, workflow, None)
    _forget_peak()
    job.folder.mkdir(parents=True, exist_ok=True)
    with _printing_to(output_file(job.folder, job.card.attempt)):
        ended = run_attempt(job, workflow, function)
        if ended.error:
            sys.stderr.write(ended.error)
    return _with_peak(ended)


def _forget_peak() -> None:
    """Let the kernel count the peak of resident memory anew: this trial's, not the largest of the worker's life."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _with_peak(ended: Ended) -> Ended:
    """The end with the peak of resident memory, where the kernel tells it (Linux)."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return ended
    peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return ended if peak is None else replace(ended, facts={**ended.facts, "peak_memory_mb": round(peak / 1024, 1)})


@contextlib.contextmanager
def _printing_to(path: Path) -> Iterator[None]:
    """Both streams, those of native code and of child processes included, go to the file meanwhile."""
    with path.open("ab", buffering=0) as file:
        before = os.dup(1), os.dup(2)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(before[0], 1)
            os.dup2(before[1], 2)
            os.close(before[0])
            os.close(before[1])


def _die_with_runner(life: int) -> None:
    while os.read(life, 1):
        pass
    # The worker leads its own process group: this ends it, its loaders and its command at once.
    os.killpg(os.getpgid(0), signal.SIGKILL)
