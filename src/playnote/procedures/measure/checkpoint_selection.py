"""checkpoint-selection: is the checkpoint that was best on Dev better than the last one, once the luck of choosing is taken off?

Looks back at complete runs that logged Dev along the way; only where there are too few it trains the baseline with fresh
seeds. In every run the best reading flatters: the expected luck of the best of as many readings as competed is added back
before it is set against the last. Runs are the unit of the interval.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.checkpoint_bias import measure_checkpoint_bias
from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, usable_effect
from playnote.errors import InputError
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Found, Point, Seen, Steps, look
from playnote.recorder.formula import parse
from playnote.records.curves import Curve
from playnote.records.finding import Label
from playnote.records.objective import Objective
from playnote.records.settings import Settings
from playnote.records.trial import TrialRecord
from playnote.text import Text

_FIRST = 50  # of the fresh seeds: those before are `measure seeds`
_WHOLE = 0.9  # of the declared length from which a run counts as complete
_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as errors.

    chosen, last  reading of the best checkpoint and of the last; `at` and `end` their steps
    luck          what choosing the best reading was worth by luck alone
    """

    trial: str
    at: float
    chosen: float
    end: float
    last: float
    luck: float

    @property
    def gain(self) -> float:
        """Error of the last checkpoint minus that of the chosen one, without the luck."""
        return self.last - (self.chosen + self.luck)


@dataclass(frozen=True, slots=True)
class SelectionFacts:
    """Over all runs: mean gain with its 90 % interval, P(gain >= `min_effect`), and the mean luck."""

    runs: int
    gain: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    luck: float | None = None
    sd: float | None = None


def checkpoint_selection(bench: Bench) -> Steps:
    """Look back, train only what is missing, judge; proposes to read the best reading where that pays."""
    objective = bench.project.objective
    needed = int(bench.option("seeds", bench.settings["selection.runs"]))
    runs = list(_on_record(bench))
    if len(runs) < needed:
        runs += yield from _trained(bench, needed - len(runs))
    facts = measure_selection(runs, objective.min_effect)
    label = answer_selection(facts, bench.settings)
    pays = label == "yes"
    return Found(
        label=label,
        message=_said(facts, label),
        results=(
            (
                "checkpoint-selection",
                {
                    "runs": facts.runs,
                    "gain": facts.gain,
                    "low": None if facts.interval is None else facts.interval[0],
                    "high": None if facts.interval is None else facts.interval[1],
                    "luck": facts.luck,
                    "read": objective.read,
                    **({} if label == "unknown" else {"last_as_good": not pays}),
                },
            ),
        ),
        edits={("objective", "read"): "best"} if pays and objective.read != "best" else {},
        notes=tuple(_notes(bench, facts, label)),
        rows=tuple(
            {
                "trial": run.trial,
                "best at": run.at,
                "best": run.chosen,
                "luck": run.luck,
                "last": run.last,
                "gain": run.gain,
            }
            for run in runs
        ),
    )


def measure_selection(runs: Sequence[Run], min_effect: float | None) -> SelectionFacts:
    """Mean gain over runs, by Student's t; nothing is said of fewer than two."""
    from scipy.stats import t as student

    luck = float(np.mean([run.luck for run in runs])) if runs else None
    if len(runs) < 2:
        return SelectionFacts(len(runs), luck=luck)
    gains = np.array([run.gain for run in runs])
    mean, sd, df = float(gains.mean()), float(gains.std(ddof=1)), len(gains) - 1
    error = sd / math.sqrt(len(gains))
    half = float(student.ppf(0.95, df)) * error
    effect = usable_effect(min_effect)
    p = None
    if effect is not None:
        p = float(student.sf((effect - mean) / error, df)) if error > 0 else float(mean >= effect)
    return SelectionFacts(len(runs), mean, (mean - half, mean + half), p, luck, sd)


def answer_selection(facts: SelectionFacts, settings: Settings) -> Label:
    """Yes: choosing gains at least `min_effect` over the last checkpoint. No: surely less."""
    if facts.p is None or facts.runs < settings["selection.runs"]:
        return "unknown"
    if facts.p >= settings["arms.sure"]:
        return "yes"
    return "no" if facts.p <= 1.0 - settings["arms.sure"] else "unknown"


def run_of(trial: str, curve: Curve | None, lr: Curve | None, settings: Settings) -> Run | None:
    """One run from its error along the steps; None where too few readings are finite or the noise cannot be told."""
    if curve is None or len(curve) < settings["checkpoint_bias.readings"] or not math.isfinite(curve.values[-1]):
        return None
    facts = measure_checkpoint_bias(
        curve.steps, curve.values, lr=None if lr is None else lr.values, lr_steps=None if lr is None else lr.steps
    )
    if facts.chosen is None or facts.chosen_at is None or facts.optimism is None:
        return None
    last = float(curve.values[-1])
    if facts.chosen_at >= float(curve.steps[-1]):
        # The last checkpoint is the chosen one: nothing is gained, whatever its reading flatters.
        return Run(trial, facts.chosen_at, facts.chosen, float(curve.steps[-1]), last, 0.0)
    return Run(trial, facts.chosen_at, facts.chosen, float(curve.steps[-1]), last, facts.optimism)


def _on_record(bench: Bench) -> Iterable[Run]:
    """Complete runs: the baseline's own where there are enough, else every one, never picked by their score."""
    state = bench.state
    ended = [trial for trial in state.trials if trial.outcome == "ok" and trial.purpose != "probe"]
    own = [trial for trial in ended if dict(trial.configuration) == dict(bench.baseline)]
    enough = len(own) >= bench.settings["selection.runs"]
    for trial in (own if enough else ended)[-_LOOKED_AT:]:
        run = _recorded(bench, trial)
        if run is not None:
            yield run


def _recorded(bench: Bench, trial: TrialRecord) -> Run | None:
    curves = {
        name: curve
        for name in (*parse(bench.project.objective.formula).terms, "lr")
        if (curve := bench.state.curves.curve(trial.id, name)) is not None
    }
    return _whole(bench, trial.id, curves)


def _whole(bench: Bench, trial: str, curves: Mapping[str, Curve]) -> Run | None:
    errors = error_curve(bench.project.objective, curves)
    workflow = bench.project.workflow
    asked = workflow.max_train_steps if workflow is not None else None
    if errors is None or (asked is not None and len(errors) and errors.steps[-1] < _WHOLE * asked - 1):
        return None
    return run_of(trial, errors, curves.get("lr"), bench.settings)


def error_curve(objective: Objective, curves: Mapping[str, Curve]) -> Curve | None:
    """The objective along the steps at which all its metrics were logged, as an error."""
    formula = parse(objective.formula)
    if any(name not in curves for name in formula.terms):
        return None
    steps = curves[formula.terms[0]].steps
    for name in formula.terms[1:]:
        steps = np.intersect1d(steps, curves[name].steps)
    by_step = {name: dict(zip(curves[name].steps, curves[name].values, strict=True)) for name in formula.terms}
    values = [formula.evaluate({name: float(by_step[name][step]) for name in formula.terms}) for step in steps]
    scores = np.array([math.nan if each is None else each for each in values], dtype=float)
    return Curve(np.asarray(steps, dtype=float), objective.sign * scores)


def _trained(bench: Bench, count: int) -> Generator[Ask, tuple[Seen, ...], list[Run]]:
    points = tuple(Point(configuration=bench.baseline, seed=bench.seed(_FIRST + each)) for each in range(count))
    seen = yield from look(Ask(points=points, purpose="repeat"))
    told = [each for each in seen if each.told and not each.diverged]
    runs = [run for each in told if (run := _whole(bench, each.trial, each.curves)) is not None]
    if told and not runs:
        raise InputError(
            Text(
                en="Trial {id} logged too few Dev readings along the way: {needed} are needed.",
                zh="试验 {id} 训练途中记录的 Dev 读数太少：至少要 {needed} 个。",
            ).fill(id=told[0].trial, needed=int(bench.settings["checkpoint_bias.readings"])),
            fix=Text(
                en='Evaluate and log at a fixed interval: `trial.log(step, {{"dev/error": error}})`.',
                zh='按固定间隔评估并记录：`trial.log(step, {{"dev/error": error}})`。',
            ).fill(),
        )
    return runs


def _notes(bench: Bench, facts: SelectionFacts, label: Label) -> Iterable[Text]:
    effect = usable_effect(bench.project.objective.min_effect)
    if facts.luck is not None:
        yield _LUCK.fill(luck=facts.luck)
    if effect is None:
        yield SET_MIN_EFFECT
    elif label == "unknown":
        yield _MORE.fill(seeds=_seeds(facts, effect, bench.settings))
    if label == "yes":
        yield _SAVE
    if label == "no" and effect is not None and facts.luck is not None and facts.luck >= effect:
        yield _FLATTERS


def _seeds(facts: SelectionFacts, effect: float, settings: Settings) -> int:
    """Runs after which the interval would fit between the gain and `min_effect`."""
    least = int(settings["selection.runs"])
    if facts.sd is None or facts.gain is None:
        return least
    room = max(abs(facts.gain - effect), effect / 2)
    return max(least, facts.runs + 1, math.ceil((1.645 * facts.sd / room) ** 2))


def _said(facts: SelectionFacts, label: Label) -> Text:
    if facts.gain is None or facts.interval is None:
        return Text(
            en="{n} runs with Dev readings along the way: too few to tell.",
            zh="途中记录了 Dev 的训练只有 {n} 次：说不清。",
        ).fill(n=facts.runs)
    numbers = {"gain": facts.gain, "low": facts.interval[0], "high": facts.interval[1], "n": facts.runs}
    return _SAID[label].fill(**numbers)


_GAIN = (
    "{gain:+.3g} (90 %: {low:+.3g} to {high:+.3g}; {n} runs)",
    "{gain:+.3g}（90% 区间 {low:+.3g} 到 {high:+.3g}；{n} 次训练）",
)
_SAID: dict[Label, Text] = {
    "yes": Text(
        en=f"Choosing the checkpoint that was best on Dev pays: it beats the last one by {_GAIN[0]}, luck taken off.",
        zh=f"回顾式选 Dev 最优的 checkpoint 有用：扣掉运气后，比最后一个好 {_GAIN[1]}。",
    ),
    "no": Text(
        en=f"The last checkpoint is as good as the best on Dev: choosing gains {_GAIN[0]}, luck taken off.",
        zh=f"最后一个 checkpoint 和 Dev 最优的一样好：扣掉运气后，选点的好处是 {_GAIN[1]}。",
    ),
    "unknown": Text(
        en=f"Cannot tell yet whether choosing pays: {_GAIN[0]}, luck taken off.",
        zh=f"选点有没有用还说不清：扣掉运气后 {_GAIN[1]}。",
    ),
}
_LUCK = Text(
    en="The best reading of a run flatters it by {luck:.3g}: do not report it as what the model reaches.",
    zh="一次训练里最好的读数会虚高 {luck:.3g}：别当成模型真正的水平来报。",
)
_MORE = Text(en="{seeds} runs would settle it: --seeds {seeds}.", zh="{seeds} 次训练就能定：--seeds {seeds}。")
_SAVE = Text(
    en="Save at every evaluation (`trial.checkpoint(step, state)`), or the best step is lost.",
    zh="每次评估时都要存（`trial.checkpoint(step, state)`），不然最好的那一步就没了。",
)
_FLATTERS = Text(
    en='Compare configurations by a mean of late readings (read = "window"): their best readings flatter by more than the '
    "smallest difference that matters.",
    zh='比较配置时用末尾几次读数的平均（read = "window"）：最好的读数虚高得比最小有意义差异还多。',
)
