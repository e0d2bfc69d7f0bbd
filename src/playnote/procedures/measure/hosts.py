"""hosts: do the processes of a distributed run agree where they must, and differ where they must?

One short run of the baseline, in as many processes as it trains in. Each process says what it holds (hashes of its weights at
step 0, of batch-norm statistics and averaged weights before an evaluation) and which examples it read; process 0 compares
them and notes the outcome. Every fault is named with what to do about it, and so is what was not compared.
"""

from __future__ import annotations

from collections.abc import Mapping

from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Found, Point, Seen, Steps, look
from playnote.procedures.measure.noted import not_noted
from playnote.text import Text, same
from playnote.training.hosts import faults_in

# What a whole comparison holds; the statistics and the average only where there are any.
_COMPARED: Mapping[str, Text] = {
    "parameters_equal": Text(en="weights at step 0", zh="第 0 步的权重"),
    "batches_differ": Text(en="the order of examples", zh="读样本的顺序"),
    "missing": Text(en="the shards of one epoch", zh="一轮数据的分片"),
    "reload_equal": Text(en="the metric after a reload", zh="重新加载后的指标"),
}


def hosts(bench: Bench) -> Steps:
    """One short run; its comparison judged."""
    steps = int(bench.option("steps", bench.settings["measure.glance"]))
    point = Point(configuration=bench.baseline, seed=bench.seed(0), steps=min(steps, bench.total))
    (seen,) = yield from look(Ask(points=(point,), exact=False))
    return _found(seen)


def _found(seen: Seen) -> Found:
    facts = seen.facts.get("hosts")
    if not isinstance(facts, Mapping) or not facts:
        if seen.told:
            raise not_noted("hosts", seen.trial)
        return Found(label="unknown", message=_FAILED)
    processes = facts.get("processes")
    if processes == 1:
        return Found(label="unknown", message=_ALONE, notes=(_PAIR,))
    faults = faults_in(facts)
    left = [text for name, text in _COMPARED.items() if name not in facts]
    return Found(
        label="no" if faults else "unknown" if left else "yes",
        message=_said(faults, left, processes),
        results=(("hosts", dict(facts)),),
        notes=tuple(FIXES[each] for each in faults),
        rows=tuple({"compared": name, "found": value} for name, value in facts.items()),
    )


def _said(faults: tuple[str, ...], left: list[Text], processes: object) -> Text:
    if faults:
        return _WRONG.fill(n=processes or "?", faults=same(", ".join(faults)))
    if left:
        parts = Text(en=", ".join(each.en for each in left), zh="、".join(each.zh for each in left))
        return _PARTLY.fill(n=processes or "?", left=parts)
    return _CLEAN.fill(n=processes or "?")


FIXES: Mapping[str, Text] = {
    "unequal-weights": Text(
        en="Processes start from different weights: seed the initialization alike (`init_seed`), or broadcast from process 0.",
        zh="各进程初始权重不同：初始化用同一个种子（`init_seed`），或从 0 号进程广播。",
    ),
    "unequal-norms": Text(
        en="Batch-norm statistics drift apart: average or broadcast the buffers before every evaluation and save.",
        zh="各进程的 batch norm 统计量不一致：每次评估和保存之前先平均或广播。",
    ),
    "unequal-average": Text(
        en="Averaged weights (EMA) differ: update them in every process at every step.",
        zh="各进程的 EMA 权重不一致：每个进程每一步都要更新。",
    ),
    "equal-data-seed": Text(
        en="Processes shuffle or augment alike: derive each one's seed (`data_seed(seed, rank)`).",
        zh="各进程打乱或增广用了同样的随机数：每个进程各自导出种子（`data_seed(seed, rank)`）。",
    ),
    "two-writers": Text(
        en="Several processes write logs or checkpoints: let process 0 alone write.",
        zh="有多个进程在写日志或 checkpoint：只让 0 号进程写。",
    ),
    "overlapping-shards": Text(
        en="Some examples are read by several processes: give each its own shard (`shard(n, rank, world)`).",
        zh="有样本被多个进程重复读：每个进程只读自己的分片（`shard(n, rank, world)`）。",
    ),
    "missing-examples": Text(
        en="Some examples are never read: the shards must cover all (what is dropped on purpose: `dropped`).",
        zh="有样本一直没被读到：分片要覆盖全部（有意丢掉的用 `dropped` 说明）。",
    ),
    "reload-differs": Text(
        en="The metric changes when the checkpoint is loaded again: save batch-norm statistics and averaged weights, too.",
        zh="重新加载 checkpoint 后指标变了：batch norm 统计量和 EMA 权重也要一起存。",
    ),
}
_CLEAN = Text(en="{n} processes compared: no fault.", zh="核对了 {n} 个进程：没有问题。")
_WRONG = Text(en="{n} processes compared. Wrong: {faults}.", zh="核对了 {n} 个进程。有问题：{faults}。")
_PARTLY = Text(
    en="{n} processes compared: no fault in what was compared; not compared: {left}.",
    zh="核对了 {n} 个进程：核对过的没有问题；没核对：{left}。",
)
_ALONE = Text(en="One process ran: there was nothing to compare it with.", zh="只有一个进程在跑：没有别的进程可核对。")
_PAIR = Text(
    en='Train with several, for example command = "torchrun --standalone --nproc-per-node 2 train.py", and gather after the '
    "process group is initialised.",
    zh='用多个进程训练，例如 command = "torchrun --standalone --nproc-per-node 2 train.py"，并在进程组初始化之后再收集。',
)
_FAILED = Text(
    en="The trial failed for another reason; run the same command again.", zh="试验因别的原因失败；请再运行同一命令。"
)
