"""What a training script pays for the recorder: a few modules of the standard library, and none that loads half of it."""

import subprocess
import sys

import pytest

# `dataclasses` brings `inspect`, `ast`, `dis` and `tokenize`: 8 of the 24 ms that loading the recorder once took.
HEAVY = ("dataclasses", "inspect", "pickle", "gzip", "logging", "asyncio", "subprocess", "platform", "numpy", "torch")


@pytest.mark.parametrize("module", ["playnote.recorder", "playnote"])
def test_the_recorder_loads_nothing_heavy(module):
    script = (
        "import sys; before = set(sys.modules); import {0}; {0}.current_trial({{'lr': 0.1}}).log(1, {{'loss': 0.5}}); "
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", script.format(module)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "playnote.recorder.trial" in loaded
    assert not set(HEAVY) & set(loaded)
