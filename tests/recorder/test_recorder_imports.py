"""The recorder costs a training script next to nothing: the standard library alone."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_recorder_imports_the_standard_library_alone() -> None:
    code = """
import sys
before = set(sys.modules)
import playnote.recorder
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(new - set(sys.stdlib_module_names) - {"playnote"}))
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("playnote.")}
print(sorted(rooms - {"recorder", "errors", "text"}))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
