"""Learning-rate schedules as values: the rate at a step, a warmup before it, the same peak over a longer run.

Linear decay is the plain first choice; cosine: Loshchilov & Hutter 2017. A warmup is put *before* the
schedule and lengthens the run (Godbole et al. 2023). The rate is 0 at step 0 and the peak at step `warmup`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from playnote.errors import InputError
from playnote.text import Text

Kind = Literal["constant", "linear", "cosine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRate:
    """A schedule.

    peak    highest rate, in the optimizer's unit
    steps   steps after the warmup: `hold` at the peak, then the decay
    end     last rate as a share of the peak, in [0, 1]
    """

    peak: float
    steps: int
    kind: Kind = "constant"
    warmup: int = 0
    hold: int = 0
    end: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.warmup < 0 or not 0 <= self.hold <= self.steps or not 0.0 <= self.end <= 1.0:
            raise InputError(
                Text(
                    en="A schedule of {steps} steps with warmup {warmup}, hold {hold} and end {end:g} makes no sense.",
                    zh="schedule 不合理：{steps} 步，预热 {warmup}，保持 {hold}，末值 {end:g}。",
                ).fill(steps=self.steps, warmup=self.warmup, hold=self.hold, end=self.end),
                fix=Text(
                    en="Give steps >= 1, warmup >= 0, hold between 0 and steps, end between 0 and 1.",
                    zh="请让 steps ≥ 1，warmup ≥ 0，hold 在 0 到 steps 之间，end 在 0 到 1 之间。",
                ),
            )

    @property
    def total(self) -> int:
        """Steps in all, the warmup included."""
        return self.warmup + self.steps

    @property
    def decay(self) -> int:
        """Steps of the decay; 0 at a constant rate."""
        return 0 if self.kind == "constant" else self.steps - self.hold

    def factor(self, step: float) -> float:
        """Share of the peak at a step, in [0, 1]; after the end, the last one."""
        if step < self.warmup:
            return max(step, 0.0) / self.warmup
        after = step - self.warmup - self.hold
        if self.kind == "constant" or after <= 0:
            return 1.0
        done = min(after / self.decay, 1.0)
        left = 1.0 - done if self.kind == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))
        return self.end + (1.0 - self.end) * left

    def rate(self, step: float) -> float:
        """The learning rate at a step."""
        return self.peak * self.factor(step)

    def with_warmup(self, steps: int) -> LearningRate:
        """A warmup of so many steps before the schedule: what followed stays as it is, the run gets longer."""
        return replace(self, warmup=steps)

    def stretched(self, steps: int) -> LearningRate:
        """The same peak and the same warmup over `steps` steps after it.

        A linear decay keeps its length: the part at the high rate gets longer. A cosine is drawn out as a whole. So extra
        steps are not spent at a tiny rate. Shorter than the decay itself, a linear schedule shrinks as a whole.
        """
        if self.kind == "linear" and steps >= self.decay:
            return replace(self, steps=steps, hold=steps - self.decay)
        return replace(self, steps=steps, hold=round(self.hold * steps / self.steps))

    def scaled(self, times: float) -> LearningRate:
        """Everything longer by a factor, the warmup too: its stability is to be probed again."""
        return replace(
            self,
            steps=max(1, round(self.steps * times)),
            warmup=round(self.warmup * times),
            hold=round(self.hold * times),
        )

    def low_steps(self, share: float = 0.1) -> int:
        """Steps after the warmup whose rate lies under `share` of the peak."""
        return sum(self.factor(step) < share for step in range(self.warmup, self.total))

    def area(self) -> float:
        """Sum of the rates over all steps: how far the optimizer may travel."""
        return math.fsum(self.rate(step) for step in range(self.total))


def extension_is_wasted(short: LearningRate, long: LearningRate, share: float = 0.5) -> bool:
    """Whether more than `share` of the steps that the longer schedule adds lie under a tenth of the peak."""
    extra = long.steps - short.steps
    return extra > 0 and (long.low_steps() - short.low_steps()) > share * extra


def torch_schedule(optimizer: Any, schedule: LearningRate) -> Any:
    """A torch scheduler for it: call `.step()` once after each optimizer step. The optimizer's own rate becomes the peak."""
    from torch.optim.lr_scheduler import LambdaLR

    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = schedule.peak
    return LambdaLR(optimizer, schedule.factor)
