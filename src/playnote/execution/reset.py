"""The same start for every trial of a worker: random state, threads, folder and environment."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def reset_random_state(seed: int) -> None:
    """Seed `random` and, where they are imported, NumPy and torch: a warm worker starts like a fresh one."""
    random.seed(seed)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(seed)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)


def one_thread(count: int = 1) -> None:
    """Hold torch to its number of threads; other libraries read theirs from the environment when they load."""
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "set_num_threads"):
        torch.set_num_threads(count)


@contextmanager
def undone_after(folder: Path) -> Iterator[None]:
    """Work in `folder`; afterwards folder, environment and arguments are as before."""
    before, environment, arguments = Path.cwd(), dict(os.environ), list(sys.argv)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.argv[:] = arguments
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)


@contextmanager
def framework_as_found() -> Iterator[None]:
    """Random state, number of threads, default type and gradient mode are afterwards as before.

    A trial in the user's own process leaves its later training alone; one in a worker, the next trial. What a trial imports
    for the first time has no state from before.
    """
    undo: list[Callable[[], object]] = []
    _keep(undo, random.getstate, random.setstate)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        _keep(undo, numpy.random.get_state, numpy.random.set_state)
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        _keep(undo, torch.get_rng_state, torch.set_rng_state)
        _mend(undo, torch.get_default_dtype, torch.set_default_dtype)
        _mend(undo, torch.get_num_threads, torch.set_num_threads)
        _mend(undo, torch.is_grad_enabled, torch.set_grad_enabled)
        _mend(undo, torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms)
        if torch.cuda.is_initialized():
            _keep(undo, torch.cuda.get_rng_state_all, torch.cuda.set_rng_state_all)
    try:
        yield
    finally:
        for each in undo:
            each()


def _keep(undo: list[Callable[[], object]], read: Callable[[], Any], write: Callable[[Any], object]) -> None:
    found = read()
    undo.append(lambda: write(found))


def _mend(undo: list[Callable[[], object]], read: Callable[[], Any], write: Callable[[Any], object]) -> None:
    """As `_keep`, where it was changed: setting torch's determinism imports its compiler, two seconds of it."""
    found = read()
    undo.append(lambda: write(found) if read() != found else None)
