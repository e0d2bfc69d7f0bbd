"""One million TensorBoard scalars: Playnote's reader and `EventAccumulator`, in turns, on the same file.

    make peers && .venv/bin/python benchmarks/connectors/tensorboard_read.py [SCALARS] [TURNS]

torch's own SummaryWriter writes the file; TensorBoard reads it in the environment that `make peers` made, asked to
keep everything. Each turn is a process of its own; only reading is timed, imports are not. Printed: versions, the
median of each, and the ratio.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PEERS = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
WRITE = """
import sys
from torch.utils.tensorboard import SummaryWriter
names = ("train/loss", "dev/error", "lr", "grad_norm")
writer = SummaryWriter(sys.argv[1] + "/run")
for step in range(int(sys.argv[2]) // len(names)):
    for at, name in enumerate(names):
        writer.add_scalar(name, 1.0 / (1 + step) + at, step)
writer.close()
"""
THEIRS = """
import sys, time
from tensorboard import version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
start = time.perf_counter()
events = EventAccumulator(sys.argv[1] + "/run", size_guidance={"scalars": 0, "tensors": 0})
events.Reload()
count = sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"])
print(time.perf_counter() - start, count, "tensorboard", version.VERSION)
"""
OURS = """
import sys, time
from importlib.metadata import version
from playnote.connectors.imported import Wanted
from playnote.connectors.tensorboard import read_tensorboard
from pathlib import Path
start = time.perf_counter()
got = read_tensorboard(Path(sys.argv[1]), Wanted(metric="dev/error", direction="minimize"))
curves = got.state.curves
count = sum(len(curves.curve(trial.id, tag)) for trial in got.state.trials for tag in curves.metrics(trial.id))
print(time.perf_counter() - start, count, "playnote", version("playnote"))
"""


def run(python: str, script: str, *arguments: str) -> list[str]:
    """What a script prints, as words."""
    done = subprocess.run(
        [python, "-c", script, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return done.stdout.split()


def main() -> None:
    """Prints medians and their ratio."""
    scalars = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if not PEERS.exists():
        print("other tools' libraries are not there: make peers")
        return
    with tempfile.TemporaryDirectory() as folder:
        run(str(PEERS), WRITE, folder, str(scalars))
        seconds: dict[str, list[float]] = {}
        for _ in range(turns):
            for python, script in ((sys.executable, OURS), (str(PEERS), THEIRS)):
                took, count, *name = run(python, script, folder)
                assert int(count) == scalars // 4 * 4, f"{name}: {count} of {scalars} scalars"
                seconds.setdefault(" ".join(name), []).append(float(took))
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    for name, each in seconds.items():
        print(f"{name:20} median {medians[name]:7.2f} s   ({min(each):.2f} to {max(each):.2f}, {turns} turns)")
    ours, theirs = medians.values()
    print(f"{scalars} scalars: {theirs / ours:.1f} times as fast")


if __name__ == "__main__":
    main()
