"""A review's answers about the best trial: ties, noise, luck, and whether anything better came later."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator

from playnote.diagnosis.winners_curse import answer_winners_curse, measure_winners_curse
from playnote.records.finding import Settle
from playnote.service.review_evidence import Evidence
from playnote.service.review_line import Line, Word, open_line
from playnote.text import Text

_TIE = Text(en="The best {k} trials cannot be told apart: {names}.", zh="最好的 {k} 个试验分不出高下：{names}。")
_MORE = Text(en="{names} and {n} more within {width:.2g}", zh="{names}，还有 {n} 个也在 {width:.2g} 以内")
_BY_SEEDS = Text(
    en="Runs of one configuration differ by {sd:.2g} (SD, {low:.2g} to {high:.2g}; {n} runs of {groups} configurations).",
    zh="同一配置重复跑，分数相差 {sd:.2g}（标准差，{low:.2g} 到 {high:.2g}；{groups} 个配置共 {n} 次）。",
)
_OF_BEST = Text(
    en="These are the best of the {all} configurations that were repeated; the others differ by {sd:.2g}.",
    zh="这是重复跑过的 {all} 个配置里最好的几个；其余的相差 {sd:.2g}。",
)
_BY_READINGS = Text(
    en="One reading of this metric jumps by {sd:.2g} (SD, last {late} readings of {n} curves); "
    "that is only part of the noise: other seeds will differ by more.",
    zh="这个指标单次读数会跳 {sd:.2g}（标准差，取 {n} 条曲线的最后 {late} 个读数）；这只是一部分，换种子差得只会更多。",
)
_SAME = Text(
    en="{n} configurations were run more than once and ended at exactly the same score: the seed is fixed or the runs "
    "are copies, so they show no noise.",
    zh="有 {n} 个配置跑过不止一次，分数一模一样：要么种子固定，要么是重复记录，看不出噪声。",
)
_FLATTERS = Text(
    en="#{best} flatters itself: expect about {corrected:.4g} on fresh seeds, not {seen:.4g} (best of {n}).",
    zh="#{best} 的分数有运气：换新种子大约是 {corrected:.4g}，不是 {seen:.4g}（{n} 个里挑出来的）。",
)
_BY = Text(en="By {amount:.2g} [{low:.2g}, {high:.2g}] 90 %.", zh="高估 {amount:.2g} [{low:.2g}, {high:.2g}]，90 %。")
_STALE = Text(
    en="Nothing better since #{best}: the {n} trials after it did not beat it.",
    zh="#{best} 之后没有更好的：后面 {n} 个试验都没超过它。",
)
_STALE_SPLIT = Text(en="{complete} of them ran to the end.", zh="其中 {complete} 个跑到了最后。")
_PRUNED = Text(
    en="The pruner leaves little to compare: of the last {n} trials {complete} ran to the end.",
    zh="剪枝剪得太狠，没剩多少可比的：最近 {n} 个试验里跑到最后的只有 {complete} 个。",
)
_SAVED = Text(
    en="Pruning stopped {n} trials after {share:.0%} of their length (median) and saved about {saved:.0%} of the training.",
    zh="剪枝停掉 {n} 个试验，多半停在全程的 {share:.0%} 处，省下约 {saved:.0%} 的训练量。",
)
_NEVER = Text(
    en="They are left out of every comparison; what was pruned wrongly cannot be seen from here.",
    zh="它们不参与任何比较；有没有剪错，从这里看不出来。",
)
_PEAKS = Text(
    en="Each score is the best reading of its curve, not the last: the more readings, the luckier the score.",
    zh="每个分数都是曲线上最好的一个读数，不是最后一个：读数越多，分数越沾运气的光。",
)
_PEAKS_BY = Text(
    en="Their last readings are worse by {gap:.2g} (median of {n} trials).",
    zh="最后一个读数差 {gap:.2g}（{n} 个试验的中位数）。",
)
_BEST = Text(en="is #{best} really best?", zh="#{best} 真的最好吗？")
_SEEDS = Text(en="{k} fresh seeds each of {names} ({runs} runs)", zh="{names} 各用 {k} 个新种子重跑（共 {runs} 次）")
_CONSTANT = Text(
    en="All {n} trials have the same score, {score:.4g}: nothing here tells one configuration from another. Look for a "
    "metric that is computed wrongly, training that never learns, or the wrong column.",
    zh="{n} 个试验的分数全是 {score:.4g}：看不出任何配置之间的差别。先查指标是不是算错了、训练有没有真的在学，或者列选错了。",
)
_SHOWN = 3


def best_lines(seen: Evidence) -> Iterator[Line]:
    """Everything about the head of the ranking; nothing with fewer than two scores."""
    if len(seen.ranked) < 2:
        return
    if len({seen.score(name) for name in seen.ranked}) == 1:
        yield Line("sure", "constant", _CONSTANT.fill(n=len(seen.ranked), score=seen.score(seen.ranked[0])))
        return
    yield from _noise(seen)
    yield from _ties(seen)
    yield from _luck(seen)
    yield from _stale(seen)
    yield from _pruned(seen)
    yield from _peaks(seen)
    yield _really(seen)


def _noise(seen: Evidence) -> Iterator[Line]:
    if seen.identical and len(seen.identical) == len(seen.repeats):
        yield Line("sure", "repeats", _SAME.fill(n=len(seen.identical)))
    elif seen.seed_sd is not None:
        yield Line("sure", "repeats", _by_seeds(seen), _elsewhere(seen))


def _by_seeds(seen: Evidence) -> Text:
    facts = seen.seeds
    low, high = facts.interval or (math.nan, math.nan)
    return _BY_SEEDS.fill(sd=facts.sd or 0.0, low=low, high=high, n=facts.runs, groups=facts.groups)


def _elsewhere(seen: Evidence) -> tuple[Text, ...]:
    """How noisy the other repeated configurations are, where there are any."""
    rest = seen.seeds_elsewhere
    return () if rest.sd is None else (_OF_BEST.fill(all=seen.seeds.groups + rest.groups, sd=rest.sd),)


def _ties(seen: Evidence) -> Iterator[Line]:
    """Trials nearer to the best than sqrt 2 noise SDs: the distance that two equal ones have on average."""
    noise, by_seeds = seen.seed_sd, True
    if noise is None:
        noise, by_seeds = seen.reading.sd, False
        if seen.reading.n < 3 or seen.read_as not in ("last", "best"):
            return
    near = [
        name for name in seen.ranked if abs(seen.score(name) - seen.score(seen.ranked[0])) <= math.sqrt(2.0) * noise
    ]
    if len(near) < 2 or not noise > 0:
        return
    names = ", ".join(f"#{name} {seen.score(name):.4g}" for name in near[:_SHOWN])
    shown = _MORE.fill(names=names, n=len(near) - _SHOWN, width=math.sqrt(2.0) * noise) if len(near) > _SHOWN else names
    reason = _by_seeds(seen) if by_seeds else _BY_READINGS.fill(sd=seen.reading.sd, n=seen.reading.n, late=6)
    word: Word = "sure" if by_seeds and seen.seeds.freedom >= 8 else "likely"
    yield Line(word, "ties", _TIE.fill(k=len(near), names=shown), (reason,))


def _luck(seen: Evidence) -> Iterator[Line]:
    if seen.seed_sd is None:
        return
    facts = measure_winners_curse(seen.table, min_effect=seen.min_effect, seed_sd=seen.seed_sd)
    finding = answer_winners_curse(facts, seen.settings)
    if facts.optimism is None or facts.interval is None or facts.n < seen.settings["winners_curse.trials"]:
        return
    least = seen.min_effect or 0.5 * seen.seed_sd
    if facts.best is None or facts.corrected is None or facts.optimism < least or finding.label == "no":
        return
    by = _BY.fill(amount=facts.optimism, low=facts.interval[0], high=facts.interval[1])
    text = _FLATTERS.fill(
        best=facts.best_id, corrected=seen.sign * facts.corrected, seen=seen.sign * facts.best, n=facts.n
    )
    yield Line("likely", "luck", text, (by,), finding.p, finding=finding)


def _stale(seen: Evidence) -> Iterator[Line]:
    """Counts alone: whether going on would help is another question."""
    order = [trial.id for trial in seen.state.trials if trial.outcome is not None]
    best = seen.ranked[0]
    after = order[order.index(best) + 1 :]
    least = max(seen.settings["review.stale"], len(order) / 3)
    done = {trial.id for trial in seen.complete}
    complete = sum(name in done for name in after)
    if len(after) >= least and complete >= len(after) / 4 and seen.imported.sampler and seen.adaptive:
        yield Line("sure", "stale", _STALE.fill(best=best, n=len(after)), (_STALE_SPLIT.fill(complete=complete),))


def _pruned(seen: Evidence) -> Iterator[Line]:
    """What pruning saved, and where it left too little."""
    lengths = [seen.state.readings[trial.id].step for trial in seen.complete]
    stops = [seen.state.readings[trial.id].step for trial in seen.state.trials if trial.outcome == "pruned"]
    full = [step for step in lengths if step is not None]
    stopped = [step for step in stops if step is not None]
    if len(stopped) < 5 or len(full) < 3:
        return
    whole = statistics.median(full)
    if not whole > 0 or max(full) > 1.05 * whole or min(full) < 0.95 * whole:
        return
    spent = sum(full) + sum(stopped)
    saved = 1.0 - spent / (whole * (len(full) + len(stopped)))
    text = _SAVED.fill(n=len(stopped), share=statistics.median(stopped) / whole, saved=saved)
    yield Line("sure", "pruned", text, (_NEVER,))
    ended = [trial for trial in seen.state.trials if trial.outcome in ("ok", "pruned")]
    recent = ended[-max(int(seen.settings["review.stale"]), len(ended) // 3) :]
    complete = sum(trial.outcome == "ok" for trial in recent)
    if len(recent) >= seen.settings["review.stale"] and complete <= 0.1 * len(recent):
        yield Line("sure", "starved", _PRUNED.fill(n=len(recent), complete=complete))


def _peaks(seen: Evidence) -> Iterator[Line]:
    if seen.read_as != "best":
        return
    gaps = []
    for name in seen.ranked[:12]:
        curve = seen.curve(name)
        if curve is not None and len(curve) >= 3:
            gaps.append(seen.sign * (float(curve.values[-1]) - seen.score(name)))
    gaps = sorted(gap for gap in gaps if math.isfinite(gap))
    if len(gaps) >= 3 and gaps[len(gaps) // 2] > 0:
        yield Line("sure", "peaks", _PEAKS, (_PEAKS_BY.fill(gap=gaps[len(gaps) // 2], n=len(gaps)),))


def _really(seen: Evidence) -> Line:
    k = int(seen.settings["review.repeat"])
    names = f"#{seen.ranked[0]}, #{seen.ranked[1]}"
    settle = Settle(_SEEDS.fill(k=k, names=names, runs=2 * k), 2 * k)
    return open_line("best", _BEST.fill(best=seen.ranked[0]), settle)
