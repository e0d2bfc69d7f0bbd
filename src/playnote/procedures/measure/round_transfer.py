"""round-transfer: whether the order of configurations in short trials holds at the full length.

The candidates run for 10 to 20 % of the steps, then in full, with the same seed. An order that flips reopens what short
trials concluded. The schedule's own details never transfer: rebuild it for the long run.
"""

from __future__ import annotations

import math

from playnote.diagnosis.transfer import answer_transfer, measure_transfer
from playnote.playbook.facts.runs import best_trials
from playnote.procedures.measure.bench import WARMUPS, Bench
from playnote.procedures.measure.contract import Ask, Found, Point, Seen, Steps, look
from playnote.procedures.measure.lr import rounded
from playnote.space.hyperparameter import Value
from playnote.text import Text

_APART = (1.0, 0.32, 0.1, 3.2, 0.032, 10.0)  # times the baseline's rate, where no round offers candidates


def round_transfer(bench: Bench) -> Steps:
    """Both lengths of every candidate, and what their orders have in common."""
    candidates = _candidates(bench)
    share = bench.option("share", bench.settings["transfer.share"])
    short_steps = max(1, round(share * bench.total))
    short = yield from look(Ask(points=_points(bench, candidates, short_steps)))
    long = yield from look(Ask(points=_points(bench, candidates, bench.total)))
    errors = [tuple(map(_error, pair)) for pair in zip(short, long, strict=True)]
    facts = measure_transfer([one for one, _ in errors], [other for _, other in errors])
    finding = answer_transfer(facts, bench.settings)
    numbers = {
        "n": facts.n,
        "tau": facts.tau,
        "low": None if facts.interval is None else facts.interval[0],
        "high": None if facts.interval is None else facts.interval[1],
        "best_kept": facts.best_kept,
        "short_steps": short_steps,
        "long_steps": bench.total,
    }
    return Found(
        label=finding.label,
        message=_said(facts.tau, facts.best_kept, facts.n, share),
        results=(("round-transfer", numbers),),
        notes=(
            *finding.missing,
            *((_FLIPPED,) if facts.best_kept is False else ()),
            _SCHEDULE,
            *_warm(bench, short_steps),
        ),
        rows=tuple(
            {"candidate": number, **_differs(bench, each), "short": one, "long": other}
            for number, (each, (one, other)) in enumerate(zip(candidates, errors, strict=True), 1)
        ),
    )


def _candidates(bench: Bench) -> list[dict[str, Value]]:
    """The baseline and the best of the latest round; without a round, the baseline at other learning rates."""
    count = int(bench.option("candidates", bench.settings["transfer.shared"]))
    found = [dict(bench.baseline)]
    state = bench.state
    if state.rounds:
        ids = [trial.id for trial in state.of_round(state.rounds[-1].number) if trial.outcome == "ok"]
        by_id = {trial.id: dict(trial.configuration) for trial in state.trials}
        for name in best_trials(state, ids, len(ids)):
            if by_id[name] not in found and len(found) < count:
                found.append(by_id[name])
    for times in _APART:
        other = {**bench.baseline, bench.rate: rounded(bench.lr * times)} if len(found) < count else found[0]
        if other not in found:
            found.append(other)
    return found


def _points(bench: Bench, candidates: list[dict[str, Value]], steps: int) -> tuple[Point, ...]:
    return tuple(Point(configuration=each, seed=bench.seed(0), steps=steps) for each in candidates)


def _error(seen: Seen) -> float:
    return math.nan if seen.error is None or seen.diverged or not seen.told else seen.error


def _differs(bench: Bench, candidate: dict[str, Value]) -> dict[str, object]:
    changed = [f"{name}={value}" for name, value in candidate.items() if bench.baseline.get(name) != value]
    return {"differs by": ", ".join(changed) or "baseline"}


def _warm(bench: Bench, short: int) -> tuple[Text, ...]:
    name = bench.has(WARMUPS)
    length = float(bench.baseline.get(name, 0)) if name is not None else 0.0
    return (_LONG_WARMUP,) if length > bench.settings["warmup.cap"] * short else ()


def _said(tau: float | None, kept: bool | None, n: int, share: float) -> Text:
    if tau is None:
        return Text(
            en="{n} candidates ended well at both lengths: no order to compare.",
            zh="两种长度都跑成的候选只有 {n} 个，无从比较顺序。",
        ).fill(n=n)
    return Text(
        en="Between {share:.0%} and all of the steps the order of {n} candidates agrees by tau = {tau:.2f}; {best}.",
        zh="只训 {share:.0%} 步和训满相比，{n} 个候选的顺序一致度 tau = {tau:.2f}；{best}。",
    ).fill(share=share, n=n, tau=tau, best=_KEPT if kept else _OTHER)


_KEPT = Text(en="the best stays the best", zh="最好的仍是最好的")
_OTHER = Text(en="the best is another one", zh="最好的换了一个")
_FLIPPED = Text(
    en="The best short trial is not the best long one: confirm what short trials concluded at full length.",
    zh="短训练里最好的，训满后不是最好的：短训练的结论要在全长上再确认。",
)
_SCHEDULE = Text(
    en="Keep the peak rate and the warmup in steps; rebuild the rest of the schedule for the long run.",
    zh="长训练保留峰值学习率和预热步数，其余 schedule 要重建。",
)
_LONG_WARMUP = Text(
    en="The warmup takes more than a tenth of the short run: its short results say little.",
    zh="预热占了短训练的十分之一以上：短训练的结果说明不了什么。",
)
