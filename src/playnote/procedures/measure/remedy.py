"""remedy: the stability ladder: warmup, clipping, the architecture, and a lower peak rate last.

Each remedy is judged by training at the baseline's rate again: no jump, no huge gradients left to do harm, and a late loss
no worse than the stable run's at lr*. Instability that begins in mid-training starts at clipping; one that clipping answers
by shortening most steps goes on to the architecture and the rate.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

from playnote.diagnosis.warmup import ladder_lengths
from playnote.playbook.facts.stability import CLIPS
from playnote.procedures.measure.bench import WARMUPS, Bench
from playnote.procedures.measure.clipping import shakes, tighten
from playnote.procedures.measure.contract import LOSS, NORM, Ask, Drawn, Found, Picture, Seen, Steps, drawn, look
from playnote.procedures.measure.judging import judge, no_worse
from playnote.procedures.measure.stability import Range, at_rate, known_range, spiking, together
from playnote.procedures.measure.warmup import shortest_at
from playnote.text import Text


@dataclass
class Climb:
    """The rungs so far: one result a remedy, and what cures."""

    target: float
    reference: Seen
    raw: tuple[Seen, ...]
    results: list[Mapping[str, object]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    edits: dict[str | tuple[str, ...], object] = field(default_factory=dict)
    cured: str | None = None
    after: tuple[Drawn, ...] = ()
    half_clipped: bool = False

    def put(self, remedy: str, cured: bool, late_worse: bool | None = None, skipped: str = "") -> None:
        """Write a rung down."""
        self.results.append({"remedy": remedy, "cured": cured, "late_worse": late_worse, "skipped": skipped})
        if cured:
            self.cured = remedy


def remedy(bench: Bench) -> Steps:
    """The ladder as a procedure, at the baseline's rate (or `lr`), with a constant schedule."""
    target = bench.option("lr", bench.lr)
    known = yield from known_range(bench)
    if known.best is None:
        return Found(label="unknown", message=_NO_BEST)
    raw = yield from look(Ask(points=at_rate(bench, target)))
    reference = raw if target == known.best else (yield from look(Ask(points=at_rate(bench, known.best))))
    if not any(each.told for each in raw):
        return Found(label="unknown", message=_FAILED)
    if not shakes(bench, raw):
        return Found(label="no", message=_STABLE.fill(lr=target))
    calm = next((each for each in reference if each.told and not each.diverged), None)
    if calm is None:
        return Found(label="unknown", message=_FAILED)
    climb = Climb(target, calm, raw)
    yield from _climb(bench, climb, reference, known)
    return Found(
        label="yes" if climb.cured else "no",
        message=_said(climb),
        results=tuple(("remedy", each) for each in climb.results),
        edits=climb.edits if climb.cured else {},
        notes=tuple(climb.notes),
        rows=tuple(climb.results),
        picture=Picture(
            (LOSS[0], NORM[0]),
            (
                *drawn(f"{bench.rate} {target:g}", "before", raw),
                *climb.after,
                *drawn(f"{bench.rate} {known.best:g}", "reference", [calm]),
            ),
        ),
    )


def _climb(
    bench: Bench, climb: Climb, reference: Sequence[Seen], known: Range
) -> Generator[Ask, tuple[Seen, ...], None]:
    onsets = [each.at for seen in climb.raw if (each := judge(seen, bench.settings)).at is not None]
    early = min((at for at in onsets if at is not None), default=0.0) <= bench.settings["stability.early"] * bench.total
    if early:
        yield from _warmup(bench, climb)
    if climb.cured is None:
        yield from _clipping(bench, climb, reference)
    if climb.cured is None:
        climb.put("architecture", False, skipped="asked")
        climb.notes.append(_LOOK)
        _lower(bench, climb, known)


def _warmup(bench: Bench, climb: Climb) -> Generator[Ask, tuple[Seen, ...], None]:
    name = bench.has(WARMUPS)
    if name is None:
        climb.put("warmup", False, skipped="not-declared")
        climb.notes.append(_NO_NAME.fill(what=_WARMUP, name="warmup_steps"))
        return
    rungs = yield from shortest_at(bench, climb.target)
    length = rungs.shortest
    if length is None or not ladder_lengths(bench.total, bench.settings):
        climb.put("warmup", False)
        return
    # The ramp alone does not show a cure: the whole run is compared with the stable one.
    seen = yield from look(Ask(points=at_rate(bench, climb.target, {name: length})))
    quiet, worse = _after(bench, climb, seen, clipped=False)
    climb.put("warmup", quiet and not worse, worse)
    climb.after = drawn(f"{bench.rate} {climb.target:g}, {name} {length}", "after", seen)
    if climb.cured:
        climb.edits = {("baseline", name): length, ("workflow", "max_train_steps"): bench.total + length}


def _clipping(bench: Bench, climb: Climb, reference: Sequence[Seen]) -> Generator[Ask, tuple[Seen, ...], None]:
    name = bench.has(CLIPS)
    if name is None:
        climb.put("clipping", False, skipped="not-declared")
        climb.notes.append(_NO_NAME.fill(what=_CLIPPING, name="clip_norm"))
        return
    found = yield from tighten(bench, climb.target, climb.raw, reference)
    if not found.tried:
        climb.notes.append(_NO_NORMS)
    climb.half_clipped = bool(found.share) and found.share[-1] >= bench.settings["clip.half"] * (1 - 1e-9)
    climb.put("clipping", found.cured and not found.heavy, found.late_worse)
    if found.tried:
        climb.after = drawn(f"{bench.rate} {climb.target:g}, {name} {found.tried[-1]:g}", "after", found.runs)
    if climb.cured:
        climb.edits = {("baseline", name): found.tried[-1]}


def _lower(bench: Bench, climb: Climb, known: Range) -> None:
    """The stable run at lr* is the cure's own evidence."""
    if known.best is None or known.best >= climb.target:
        return
    quiet = judge(climb.reference, bench.settings).stable and not spiking(climb.reference, bench.settings)
    climb.put("lower-lr", quiet, not quiet, "half-clipped" if climb.half_clipped else "")
    climb.after = ()  # the reference is the cure
    if climb.cured:
        climb.edits = {("baseline", bench.rate): known.best}


def _after(bench: Bench, climb: Climb, runs: Sequence[Seen], *, clipped: bool) -> tuple[bool, bool]:
    """Whether the runs are quiet, and whether their late loss is worse than the stable run's."""
    told = [each for each in runs if each.told]
    judged = [judge(each, bench.settings) for each in told]
    quiet = together(told, judged) is False
    if not clipped:
        quiet = quiet and not any(spiking(each, bench.settings) for each in told)
    return quiet, not all(no_worse(each.late, climb.reference, bench.settings) for each in judged)


def _said(climb: Climb) -> Text:
    path = " -> ".join(str(each["remedy"]) for each in climb.results)
    if climb.cured is None:
        return Text(
            en="lr {lr:g} is unstable, and nothing cured it: {path}.", zh="lr {lr:g} 不稳，都没治好：{path}。"
        ).fill(lr=climb.target, path=path)
    return Text(
        en="lr {lr:g} is unstable; {cure} cures it (tried in order: {path}).",
        zh="lr {lr:g} 不稳；{cure} 治好了（依次试过：{path}）。",
    ).fill(lr=climb.target, cure=climb.cured, path=path)


_NO_BEST = Text(en="No learning rate trained well: look for a bug first.", zh="没有一个学习率能训好：先查 bug。")
_FAILED = Text(
    en="The runs failed for another reason; run the same command again.", zh="试验因别的原因失败；请再运行同一命令。"
)
_STABLE = Text(
    en="Training at lr {lr:g} is stable: there is nothing to cure.", zh="lr {lr:g} 的训练是稳的：没有要治的。"
)
_NO_NAME = Text(
    en="{what} was skipped: the project has no hyperparameter such as `{name}`.",
    zh="跳过了{what}：项目里没有 `{name}` 这样的超参。",
)
_WARMUP = Text(en="Warmup", zh="预热")
_CLIPPING = Text(en="Clipping", zh="裁剪")
_NO_NORMS = Text(en='Clipping needs "grad_norm", logged before clipping.', zh='裁剪需要记录裁剪前的 "grad_norm"。')
_LOOK = Text(
    en="The architecture is for a person to look at: residual branches, where norms stand, initial scales.",
    zh="架构要人来看：残差支路、归一化的位置、初始化尺度。",
)
