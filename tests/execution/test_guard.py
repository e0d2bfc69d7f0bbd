"""What a process started ends with it, also where its own child was killed first."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil

STARTER = """
import os, subprocess, sys, time
from playnote.execution.guard import Guard
child = subprocess.Popen(
    [sys.executable, "-c", "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"],
    start_new_session=True, stdout=subprocess.PIPE, text=True,
)
guard = Guard()
guard.watch([child.pid])
print(child.pid, child.stdout.readline().strip(), flush=True)
time.sleep(60)
"""


def test_a_grandchild_ends_although_everybody_above_it_was_killed_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        child, grandchild = map(int, starter.stdout.readline().split())
        life = psutil.Process(grandchild)
        psutil.Process(child).send_signal(signal.SIGKILL)
        starter.kill()
        try:
            life.wait(10)
        except psutil.TimeoutExpired:
            assert life.status() == psutil.STATUS_ZOMBIE  # ended, and nobody has asked how
