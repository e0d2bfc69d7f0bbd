"""Which executor: a table of names, and packages that add to it by an entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points

from playnote.errors import NotFoundError, WorkflowError
from playnote.execution.calling import Function, reference_to
from playnote.execution.events import Executor
from playnote.execution.inline import InlineExecutor
from playnote.execution.local import LocalExecutor
from playnote.execution.ray_cluster import RayExecutor
from playnote.execution.slurm_jobs import SlurmExecutor
from playnote.records.project import Workflow
from playnote.space.showing import instead_of
from playnote.text import Text, same

# A maker takes the number of workers; Ray and submitit are imported when theirs is called.
EXECUTORS: dict[str, Callable[[int], Executor]] = {
    "local": lambda workers: LocalExecutor(workers),
    "ray": lambda workers: RayExecutor(workers),
    "slurm": lambda workers: SlurmExecutor(workers),
}
ENTRY_POINTS = "playnote.executors"


def executor_for(
    on: str, workers: int, workflow: Workflow | None, function: Function | None = None
) -> tuple[Executor, Workflow]:
    """The executor called `on`, and the workflow as it is to be given to it.

    function  a Python function that stands in for the workflow's own. One that no other process can find by
              name (a lambda, a notebook's function) runs here, one trial at a time.

    Raises NotFoundError for an unknown name, WorkflowError where there is nothing to run.
    """
    if function is not None:
        reference = reference_to(function)
        workflow = replace(workflow or Workflow(), command=None, function=reference)
        if reference is None or on == "inline":
            return InlineExecutor(function), workflow
    if workflow is None or (workflow.function is None and workflow.command is None):
        raise WorkflowError(
            Text(en="The project does not say how a trial is trained.", zh="项目没有说明怎样训练一个试验。"),
            fix=Text(
                en='Add [workflow] with command = "python train.py --lr {lr}" or function = "train:train".',
                zh='请加上 [workflow]，写 command = "python train.py --lr {lr}" 或 function = "train:train"。',
            ),
        )
    if on == "inline" and workflow.command is None:
        return InlineExecutor(), workflow
    # A command has a process of its own anyway: a worker ends it with everything it started.
    return _maker("local" if on == "inline" else on)(1 if on == "inline" else workers), workflow


def _maker(on: str) -> Callable[[int], Executor]:
    if on in EXECUTORS:
        return EXECUTORS[on]
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if on in found:
        maker: Callable[[int], Executor] = found[on].load()
        return maker
    known = ("inline", *EXECUTORS, *found)
    raise NotFoundError(
        Text(en="No executor is called {on}; there are {known}.", zh="没有叫 {on} 的执行器；现有 {known}。").fill(
            on=same(repr(on)), known=same(", ".join(known))
        ),
        fix=instead_of(on, known),
    )
