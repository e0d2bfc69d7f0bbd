"""Appendix H.4 and body 11, several hosts: one writer, equal statistics, seeds apart, shards without overlap."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.playbook.examples import project
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.running import Ranks
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text

_MANY = Ranks(4)
_CLEAN: Mapping[str, object] = {
    "ranks": 4,
    "writers": 1,
    "has_statistics": True,
    "statistics_equal": True,
    "has_average": True,
    "average_equal": True,
    "reload_equal": True,
    "parameters_equal": True,
    "batches_differ": True,
    "seeds_derived": True,
    "overlap": 0,
    "missing": 0,
    "largest_over_smallest": 1.0,
}


def _but(**changed: object) -> Measured:
    return measured(hosts={**_CLEAN, **changed})


@rule(
    "H4-single-writer",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:11", "app:H.4"),
    phase="multi-host",
    text=Text(
        en="One host alone writes logs and checkpoints; a declared sharded format may be written by all.",
        zh="日志与 checkpoint 只由一个主机写；声明过的分片格式除外。",
    ),
    by="hosts",
    examples=(
        silent(lambda: (_MANY, _but())),
        silent(lambda: (_MANY, _but(writers=4, sharded=True))),
        silent(lambda: (Ranks(), measured()), "not-applicable"),
        fires("fail", lambda: (_MANY, _but(writers=4))),
        fires("unknown", lambda: (_MANY, measured())),
    ),
)
def single_writer(ranks: Ranks, measured: Measured) -> Judgement:
    """Ranks that wrote the same target."""
    last = _of(ranks, measured)
    writers = last.number_of("writers") if isinstance(last, Measurement) else None
    if writers is None:
        return _open(last)
    said = Text(en="{n:g} ranks write.", zh="{n:g} 个进程在写。").fill(n=writers)
    shared = isinstance(last, Measurement) and last.flag("sharded") is True
    return passes(said) if writers <= 1 or shared else fails(said)


@rule(
    "H4-bn-sync",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:D.3.5", "body:11", "app:H.4"),
    phase="multi-host",
    text=Text(
        en="BN and other running statistics agree across devices before an evaluation.",
        zh="BN 等统计量在评估前跨设备一致。",
    ),
    by="hosts",
    examples=(
        silent(lambda: (_MANY, _but())),
        silent(lambda: (_MANY, _but(has_statistics=False)), "not-applicable"),
        silent(lambda: (Ranks(1), measured()), "not-applicable"),
        fires("fail", lambda: (_MANY, _but(statistics_equal=False))),
        fires("unknown", lambda: (_MANY, measured())),
    ),
)
def bn_sync(ranks: Ranks, measured: Measured) -> Judgement:
    """Buffers of every rank, compared before evaluation."""
    last = _of(ranks, measured)
    if isinstance(last, Measurement) and last.flag("has_statistics") is False:
        return does_not_apply(Text(en="The model keeps no running statistics.", zh="模型没有累积统计量。"))
    return _equal(last, "statistics_equal", Text(en="running statistics", zh="累积统计量"))


@rule(
    "H4-ema",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:D.3.5", "body:11"),
    phase="multi-host",
    text=Text(
        en="Averaged weights (EMA) agree across devices and are saved: a reload gives the same score.",
        zh="EMA 跨设备一致，并正确保存：重新加载后分数不变。",
    ),
    by="hosts",
    examples=(
        silent(lambda: (_MANY, _but())),
        silent(lambda: (_MANY, _but(has_average=False)), "not-applicable"),
        fires("fail", lambda: (_MANY, _but(reload_equal=False))),
        fires("fail", lambda: (_MANY, _but(average_equal=False))),
        fires("unknown", lambda: (_MANY, measured())),
    ),
)
def ema(ranks: Ranks, measured: Measured) -> Judgement:
    """Equal before saving, and the score after a reload."""
    last = _of(ranks, measured)
    if isinstance(last, Measurement) and last.flag("has_average") is False:
        return does_not_apply(Text(en="No averaged weights.", zh="没有用 EMA。"))
    if isinstance(last, Measurement) and last.flag("reload_equal") is False:
        return fails(Text(en="A reload changes the score.", zh="重新加载后分数变了。"))
    return _equal(last, "average_equal", Text(en="averaged weights", zh="EMA 权重"))


@rule(
    "H4-seeds",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:11", "app:H.4"),
    phase="multi-host",
    text=Text(
        en="Hosts start from the same weights and shuffle differently, both derived from one seed.",
        zh="各机初始化 seed 一致，数据打乱 seed 各不相同，且都由同一个基准 seed 导出。",
    ),
    by="hosts",
    examples=(
        silent(lambda: (_MANY, _but())),
        fires("warn", lambda: (_MANY, _but(seeds_derived=False))),
        fires("fail", lambda: (_MANY, _but(parameters_equal=False))),
        fires("fail", lambda: (_MANY, _but(batches_differ=False))),
        fires("unknown", lambda: (_MANY, measured())),
    ),
)
def seeds(ranks: Ranks, measured: Measured) -> Judgement:
    """Parameters at step 0 and the ids of the first batches, rank by rank."""
    last = _of(ranks, measured)
    if (
        not isinstance(last, Measurement)
        or last.flag("parameters_equal") is None
        or last.flag("batches_differ") is None
    ):
        return _open(last)
    if not last.flag("parameters_equal"):
        return fails(Text(en="Ranks start from different weights.", zh="各进程初始权重不同。"))
    if not last.flag("batches_differ"):
        return fails(Text(en="Ranks see the same batches.", zh="各进程看到同样的 batch。"))
    if last.flag("seeds_derived") is False:
        return warns(Text(en="Shuffling cannot be repeated.", zh="打乱顺序无法重现。"))
    return passes(Text(en="Same weights, different batches.", zh="初始权重一致，batch 各不相同。"))


@rule(
    "H4-sharding",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:11", "app:H.4"),
    phase="multi-host",
    text=Text(en="Data are split across devices sensibly, without a hot spot.", zh="数据在设备间合理分片，避免热点。"),
    by="hosts",
    examples=(
        silent(lambda: (_MANY, _but(), project())),
        fires("warn", lambda: (_MANY, _but(largest_over_smallest=1.5), project())),
        fires("fail", lambda: (_MANY, _but(overlap=12), project())),
        fires("fail", lambda: (_MANY, _but(missing=3), project())),
        fires("unknown", lambda: (_MANY, measured(), project())),
    ),
)
def sharding(ranks: Ranks, measured: Measured, project: Project) -> Judgement:
    """Example ids of every rank over one epoch: disjoint, complete, balanced."""
    last = _of(ranks, measured)
    overlap, missing = (last.number_of(n) if isinstance(last, Measurement) else None for n in ("overlap", "missing"))
    if not isinstance(last, Measurement) or overlap is None or missing is None:
        return _open(last)
    if overlap or missing:
        return fails(
            Text(en="{a:g} examples twice, {b:g} missing.", zh="重复 {a:g} 个样本，缺 {b:g} 个。").fill(
                a=overlap, b=missing
            )
        )
    apart = last.number_of("largest_over_smallest") or 1.0
    said = Text(en="Largest shard over smallest: {r:.2f}.", zh="最大与最小分片之比 {r:.2f}。").fill(r=apart)
    return warns(said) if apart > project.settings["rule_shards_apart"] else passes(said)


def _of(ranks: Ranks, measured: Measured) -> Measurement | bool:
    """The latest comparison; else whether several processes train."""
    return measured.last("hosts") or (ranks.world or 1) > 1


def _open(last: Measurement | bool) -> Judgement:
    if last is False:
        return does_not_apply(
            Text(en="Nothing on record says that several processes train.", zh="没有多进程训练的记录。")
        )
    return cannot_tell(
        Text(en="The processes have not been compared.", zh="还没逐进程核对过。"),
        missing=(not_measured("hosts"),),
        actions=(measure("hosts", 1),),
    )


def _equal(last: Measurement | bool, name: str, what: Text) -> Judgement:
    equal = last.flag(name) if isinstance(last, Measurement) else None
    if equal is None:
        return _open(last)
    if equal:
        return passes(Text(en="Equal on all ranks: {what}.", zh="各进程一致：{what}。").fill(what=what))
    return fails(Text(en="Different between ranks: {what}.", zh="各进程不一致：{what}。").fill(what=what))


RULES: tuple[Rule, ...] = (single_writer, bn_sync, ema, seeds, sharding)
