"""A command as the workflow: its placeholders filled, run without a shell, its numbers read as they come.

    python train.py --lr {lr} --steps {max_train_steps} --seed {seed} --out runs/{trial}

The line is cut into words once, as a shell would; then each word is filled, so that no value is ever cut or
read as code. A hyperparameter that does not exist in a configuration (its condition does not hold) takes its
word with it, and the option before it: `--beta1 {beta1}` disappears.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import IO

import psutil

from playnote.errors import WorkflowError
from playnote.execution.events import Job
from playnote.execution.following import Follower, follower_for
from playnote.execution.outcomes import clipped, of_exit
from playnote.recorder import Trial, TrialEnded, attempt_log, trial_in
from playnote.recorder.lines import decode
from playnote.recorder.stdout import read_line
from playnote.records.project import Workflow
from playnote.records.trial import Outcome
from playnote.space.hyperparameter import Value
from playnote.text import Text, same

_WORDS_KEPT = 16000  # bytes of output that are looked at for the cause of a failure
End = tuple[Outcome, str, dict[str, object]]


def output_file(folder: Path, attempt: int) -> Path:
    """What an attempt printed, both streams."""
    return folder / f"output-{attempt}.txt"


def run_command(job: Job, workflow: Workflow) -> End:
    """Run the command to its end; outcome, last words, facts."""
    values = placeholders(job, workflow)
    words = command_line(workflow.command or "", values)
    with output_file(job.folder, job.card.attempt).open("ab") as output:
        if workflow.metrics == "recorder":
            start = output.tell()
            code = _run(words, job, workflow, output)
            cause = _printed(job, start)
        else:
            with trial_in(job.folder) as trial:
                code, cause = _run_and_read(words, job, workflow, output, trial, values)
    if cause is not None or _recorder_ended(job):
        return "nan", "", {"exit_code": code}
    last_words = _end_of(output_file(job.folder, job.card.attempt))
    outcome = of_exit(code, last_words)
    return outcome, "" if outcome == "ok" else _said(words, code, last_words), {"exit_code": code}


def placeholders(job: Job, workflow: Workflow) -> dict[str, Value]:
    """Everything a command may hold in braces, for this attempt."""
    given: dict[str, Value | None] = {
        "seed": job.card.seed,
        "trial": job.card.id,
        "folder": str(job.folder.absolute()),
        "max_train_steps": workflow.max_train_steps,
        "evaluate_every": workflow.evaluate_every,
    }
    return {**{name: value for name, value in given.items() if value is not None}, **job.card.configuration}


def command_line(command: str, values: Mapping[str, Value]) -> list[str]:
    """The words of the command, filled; words whose placeholder has no value are left out with their option."""
    kept: list[str] = []
    options: list[bool] = []
    for word in shlex.split(command):
        fields = [field for _, field, _, _ in Formatter().parse(word) if field is not None]
        if all(field in values for field in fields):
            kept.append(word.format_map({name: written(value) for name, value in values.items()}))
            options.append(word.startswith("-") and not fields and "=" not in word)
        elif not word.startswith("-") and options and options[-1]:
            del kept[-1], options[-1]
    return kept


def written(value: Value) -> str:
    """A value as a command reads it: `true` and `false`, numbers that read back as themselves."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def search_path() -> str:
    """Where commands are looked for: beside this Python first, so that `python` is this environment's."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def check_command(workflow: Workflow) -> None:
    """Raise WorkflowError where the command's program does not exist, or its metrics cannot be read."""
    follower_for(workflow, {}, stream=None)
    program = shlex.split(workflow.command or "")[0]
    here = Path(workflow.folder) / program
    if "{" in program or shutil.which(program, path=search_path()) or ("/" in program and here.exists()):
        return
    raise WorkflowError(
        Text(
            en="The program {program} of [workflow] command is not found.",
            zh="找不到 [workflow] 命令里的程序 {program}。",
        ).fill(program=same(repr(program))),
        fix=Text(en="Install it, or write its full path.", zh="请安装它，或写出完整路径。"),
    )


def _run(words: list[str], job: Job, workflow: Workflow, output: IO[bytes]) -> int:
    with _start(words, job, workflow, output, output) as process:
        return process.wait()


def _printed(job: Job, start: int) -> TrialEnded | None:
    """Where the command used no recorder, the JSON lines it printed are its log; what ended the trial, if anything.

    Read once it is over: two writers never share a log, and a command that uses the recorder is left as it is.
    """
    if attempt_log(job.folder, job.card.attempt).exists():
        return None
    with output_file(job.folder, job.card.attempt).open("rb") as output:
        output.seek(start)
        rows = [row for line in output if (row := read_line(line)) is not None]
    if not rows:
        return None
    with trial_in(job.folder) as trial:
        try:
            for count, (step, metrics) in enumerate(rows, start=1):
                trial.log(count if step is None else step, metrics)
        except TrialEnded as ended:
            return ended
    return None


def _run_and_read(
    words: list[str], job: Job, workflow: Workflow, output: IO[bytes], trial: Trial, values: Mapping[str, Value]
) -> tuple[int, TrialEnded | None]:
    follower = follower_for(workflow, values, stream=None)  # before the start: it remembers what is there already
    piped = workflow.metrics == "stdout"
    with _start(words, job, workflow, subprocess.PIPE if piped else output, output) as process:
        if piped and process.stdout is not None:
            follower = follower_for(workflow, values, stream=(process.stdout, output))
        try:
            _follow(process, follower, trial)
        except TrialEnded as ended:
            _kill_tree(process.pid)
            return process.wait(), ended
        except BaseException:
            _kill_tree(process.pid)
            raise
        return process.wait(), None


def _follow(process: subprocess.Popen[bytes], follower: Follower, trial: Trial) -> None:
    step = 0.0
    over = False
    while not over:
        follower.wait(process)
        over = process.poll() is not None  # before reading: nothing written before the end is missed
        for given, metrics in follower.read():
            step = step + 1 if given is None else given
            trial.log(step, metrics)
    trial.flush()


def _start(
    words: list[str], job: Job, workflow: Workflow, out: int | IO[bytes], error: IO[bytes]
) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PATH": search_path(),
        "PYTHONUNBUFFERED": "1",
        **workflow.environment,
        "PLAYNOTE_TRIAL": str(job.folder.absolute()),
        "PLAYNOTE_ATTEMPT": str(job.card.attempt),
        **({"PLAYNOTE_MILESTONE": job.card.milestone} if job.card.milestone else {}),
    }
    try:
        return subprocess.Popen(
            words, cwd=workflow.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=error
        )
    except OSError as trouble:
        error.write(f"{words[0]}: {trouble.strerror}\n".encode())
        error.flush()
        raise WorkflowError(
            Text(en="{program} cannot be started: {why}.", zh="无法启动 {program}：{why}。").fill(
                program=same(words[0]), why=same(trouble.strerror or str(trouble))
            ),
            fix=Text(en="Correct `command` in [workflow].", zh="请改正 [workflow] 里的 `command`。"),
        ) from trouble


def _kill_tree(pid: int) -> None:
    try:
        tree = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _recorder_ended(job: Job) -> bool:
    """Whether the recorder inside the command ended the trial, whatever exit code the command made of it."""
    try:
        data = attempt_log(job.folder, job.card.attempt).read_bytes()
    except OSError:
        return False
    return b'"kind":"ended"' in data and any(r.get("kind") == "ended" for r in decode(data).records)


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _WORDS_KEPT))
        return file.read().decode("utf-8", "replace")


def _said(words: list[str], code: int, last_words: str) -> str:
    """The command's own last words; from Python's traceback on, where there is one."""
    start = last_words.rfind("Traceback (most recent call last)")
    said = last_words[start:] if start >= 0 else "\n".join(last_words.splitlines()[-20:])
    return clipped(f"{shlex.join(words)}\nexit code {code}\n{said}".rstrip())
