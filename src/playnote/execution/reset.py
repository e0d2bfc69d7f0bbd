"""The same start for every trial of a worker: random state, threads, folder and environment."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
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
