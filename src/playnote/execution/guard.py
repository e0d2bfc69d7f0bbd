"""A guard over process groups: a process of its own that ends them when the one that started it is gone.

A worker ends its own group when its runner dies. Some managers (Ray among them) kill a dying process's children
first, and then nobody is left who knows of the grandchildren; the guard is nobody's child and knows them.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterable
from typing import final

_GUARD = """
import os, signal, sys
if os.fork():
    os._exit(0)
os.setsid()
groups = ()
for line in sys.stdin:
    groups = line.split()
for group in groups:
    try:
        os.killpg(int(group), signal.SIGKILL)
    except OSError:
        pass
"""


@final
class Guard:
    """Ends the groups it was told last once this process has ended, however it ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._process.wait()  # the guard itself is its orphan

    def watch(self, groups: Iterable[int]) -> None:
        """These groups, and no others any more."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.write(" ".join(map(str, groups)) + "\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """End the groups now."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
