"""What recording costs a training step: three metrics at every step of a PyTorch loop on the CPU.

    python benchmarks/training/overhead.py [--blocks 60] [--out benchmarks/training/results/overhead.md]

One process, one thread. Blocks of steps with and without recording follow one another in a random order, so that what the
machine does meanwhile hits all alike; each recorded block is compared with the plain block of its own round. The figure is
the median of these ratios, the interval that of the median by order statistics (95 %, no assumption of a distribution).
Two clocks: the wall's, which a busy machine disturbs, and the process's own time, in which the thread that writes the log
counts in full, as if no other core could do its work. The gradient norm is no recording; its own cost stands beside.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import comb
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from playnote.recorder import Trial, TrialCard, write_card
from playnote.recorder.current import trial_in

SIZES = {"0.2 ms": (64, 32, 0.05), "2 ms": (320, 128, 0.01)}  # width, batch, and the most that recording may cost
SECONDS_A_BLOCK = 0.06
SEED = 3


@dataclass
class Loop:
    """A small network and its steps."""

    width: int
    batch: int
    steps: int = 0
    model: nn.Module = field(init=False)

    def __post_init__(self) -> None:
        torch.manual_seed(SEED)
        wide = self.width
        self.model = nn.Sequential(
            nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, 10)
        )
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.weights = list(self.model.parameters())
        self.x, self.y = torch.randn(self.batch, wide), torch.randint(0, 10, (self.batch,))

    def step(self) -> torch.Tensor:
        """One training step; its loss."""
        loss = functional.cross_entropy(self.model(self.x), self.y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        return loss

    def plain(self, count: int) -> None:
        """Steps alone."""
        for _ in range(count):
            self.step()

    def recorded(self, count: int, trial: Trial) -> None:
        """Steps, and three metrics of each."""
        group = self.optimizer.param_groups[0]
        for _ in range(count):
            loss = self.step()
            trial.log(self.steps, {"train/loss": loss.detach(), "lr": group["lr"], "data_wait": 1e-5})

    def normed(self, count: int) -> None:
        """Steps, and the gradient norm of each, which nothing is done with."""
        for _ in range(count):
            self.step()
            nn.utils.get_total_norm([weight.grad for weight in self.weights if weight.grad is not None])


@dataclass(frozen=True)
class Cost:
    """Ratios of time to the plain block's, less 1; seconds of a plain step."""

    wall: list[float]
    process: list[float]


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the wall's clock and by the process's."""
    wall, process = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - process


def measure(loop: Loop, trial: Trial, blocks: int) -> tuple[float, int, dict[str, Cost]]:
    """Seconds of a plain step, steps a block, and the cost of recording and of the norm."""
    loop.plain(50)
    wall, _ = timed(lambda: loop.plain(100))
    count = max(20, round(SECONDS_A_BLOCK * 100 / wall))
    kinds: dict[str, Callable[[], None]] = {
        "plain": lambda: loop.plain(count),
        "recorded": lambda: loop.recorded(count, trial),
        "norm": lambda: loop.normed(count),
    }
    order = random.Random(SEED)
    costs = {name: Cost([], []) for name in ("recorded", "norm")}
    plain: list[float] = []
    for _ in range(blocks):
        names = list(kinds)
        order.shuffle(names)
        found = {name: timed(kinds[name]) for name in names}
        plain.append(found["plain"][1] / count)
        for name, cost in costs.items():
            cost.wall.append(found[name][0] / found["plain"][0] - 1)
            cost.process.append(found[name][1] / found["plain"][1] - 1)
    return statistics.median(plain), count, costs


def interval(values: list[float], level: float = 0.95) -> tuple[float, float]:
    """Interval of the median between two order statistics, exact for any distribution."""
    ordered, n = sorted(values), len(values)
    inside, low = 0.0, n // 2
    while low > 0 and inside < level:
        low -= 1
        inside = sum(comb(n, k) for k in range(low + 1, n - low)) / 2**n
    return ordered[low], ordered[n - 1 - low]


def line(values: list[float]) -> str:
    """Median and interval in percent."""
    low, high = interval(values)
    return f"{100 * statistics.median(values):.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def main() -> int:
    """Measure both sizes; the table, written where it is asked for."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--blocks", type=int, default=40)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    torch.set_num_threads(1)
    rows = [
        "| step | may cost | three metrics, wall | three metrics, process | gradient norm alone, wall | process |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_card(Path(folder), TrialCard(id="overhead"))
        with trial_in(Path(folder)) as trial:
            for name, (width, batch, budget) in SIZES.items():
                seconds, count, costs = measure(Loop(width, batch), trial, given.blocks)
                cells = [line(values) for cost in costs.values() for values in (cost.wall, cost.process)]
                rows.append(f"| {name} (here {1e3 * seconds:.2f} ms) | {100 * budget:.0f} % | {' | '.join(cells)} |")
                rows.append(f"<!-- {given.blocks} rounds of blocks of {count} steps -->")
    text = "\n".join(rows) + "\n"
    sys.stdout.write(text)
    if given.out:
        given.out.write_text(f"# What recording costs a step\n\n{__doc__.strip()}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
