"""A review as lines of a terminal: what was read, verdict word first, at most five open questions with their price."""

from __future__ import annotations

from playnote.interfaces.cli.output import Face
from playnote.service.review import Review
from playnote.text import Text

_OPEN = 5
_WORDS = {
    "sure": Text(en="SURE     ", zh="确定    "),
    "likely": Text(en="LIKELY   ", zh="多半    "),
    "fine": Text(en="FINE     ", zh="没问题  "),
}
_HEAD = Text(
    en='"{study}": {n} trials, {ok} complete, {pruned} pruned, {failed} failed, {nan} diverged. {way} (from {said}).',
    zh="“{study}”：{n} 个试验，跑完 {ok}，剪枝 {pruned}，失败 {failed}，发散 {nan}。{way}（依据：{said}）。",
)
_WAYS = {"minimize": Text(en="Minimise", zh="越小越好"), "maximize": Text(en="Maximise", zh="越大越好")}
_SAID = {"source": Text(en="the study", zh="study 里的记录"), "you": Text(en="you", zh="你说的")}
_METRIC = Text(
    en="Metric: {metric}. {n} hyperparameters. Sampler: {sampler}.",
    zh="指标：{metric}。超参 {n} 个。采样器：{sampler}。",
)
_UNNAMED = Text(en="unnamed", zh="没有名字")
_NOT_RECORDED = Text(en="not recorded, taken as adaptive", zh="没有记录，按自适应处理")
_CANNOT = Text(en="CANNOT TELL -> what would settle it", zh="说不清 → 怎么弄清")
_REST = Text(en="  and {n} more (--json)", zh="  另有 {n} 条（--json）")
_EFFECT = Text(
    en='You did not say what difference matters, so nothing here says "worth it" (--min-effect).',
    zh="没说差多少才算数，所以这里不谈“值不值”（--min-effect）。",
)
_NEXT = Text(en="Next: {what}", zh="下一步：{what}")


def show_review(found: Review, face: Face) -> None:
    """Print a review."""
    got, counts = found.imported, found.counts
    objective = got.state.project.objective
    face.line(
        _HEAD.fill(
            study=got.study,
            n=len(got.state.trials),
            **{name: counts.get(name, 0) for name in ("ok", "pruned", "failed", "nan")},
            way=_WAYS[objective.direction],
            said=_SAID[got.said],
        )
    )
    space = got.state.project.space
    face.line(_METRIC.fill(metric=got.metric or _UNNAMED, n=len(space), sampler=got.sampler or _NOT_RECORDED))
    for note in got.left_out:
        face.line(note)
    face.line()
    for line in found.lines:
        if line.word != "unknown":
            chance = "" if line.p is None else f"   {line.p:.0%}"
            face.line(face.say(_WORDS[line.word]) + face.say(line.text) + chance)
            for evidence in line.evidence:
                face.line("         " + face.say(evidence))
    _open(found, face)
    if objective.min_effect is None:
        face.line(_EFFECT)
    face.line(_NEXT.fill(what=found.next))


def _open(found: Review, face: Face) -> None:
    unknown = [line for line in found.lines if line.word == "unknown"]
    face.line()
    face.line(_CANNOT)
    for line in unknown[:_OPEN]:
        settle = "" if line.settle is None else f" -> {face.say(line.settle)}"
        face.line(f"  {face.say(line.text)}{settle}")
    if len(unknown) > _OPEN:
        face.line(_REST.fill(n=len(unknown) - _OPEN))
