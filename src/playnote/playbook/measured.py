"""The procedures that rules may be answered by, and the names of the numbers that rules read of their results.

A procedure writes one journal event ("measurement") an answer, with these names in `result`; `facts/measurements.py`
reads them back.
"""

from __future__ import annotations

from dataclasses import dataclass

from playnote.playbook.verdict import Action
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: what it does, and the names of the numbers that rules read of its result.

    verb  the command that runs it ("errors sample"), None while there is none: nobody is sent to a command that is not there
    """

    text: Text
    reads: tuple[str, ...]
    verb: str | None = None


def _row(en: str, zh: str, reads: str = "", verb: str | None = None) -> Procedure:
    return Procedure(Text(en=en, zh=zh), tuple(reads.split()), verb)


PROCEDURES: dict[str, Procedure] = {
    "human": _row(
        "people label dev examples and their error is measured",
        "请人标注 Dev 样本，测出人类误差",
        "error n expert same_metric",
    ),
    "weights": _row(
        "training examples are weighted towards the deployed distribution",
        "按部署分布给训练样本加权",
        "used_test effective_share",
        "measure domain-weights",
    ),
    "labels": _row(
        "labels of a split are audited by a person",
        "请人复核一个划分的标签",
        "split n wrong random error_share flips concentrated key_scene relabelled",
        "labels sample",
    ),
    "errors": _row(
        "wrong dev examples are sampled and sorted by people",
        "抽取 Dev 错例请人归类",
        "n categories sampled wrong split random other_share mislabelled_share leading leading_share",
        "errors sample",
    ),
    "transfer": _row(
        "pretrained weights are compared with training from scratch",
        "比较预训练和从头训练",
        "head_only fine_tuned lr_tuned low high",
        "measure transfer-strategy",
    ),
    "optimizer": _row(
        "one step of the framework's optimizer is compared with the reference step",
        "拿框架优化器的一步和标准更新式对比",
        "agrees convention",
        "measure optimizer",
    ),
    "batch-size": _row(
        "step times are taken at growing batch sizes until memory runs out",
        "逐级加大 batch 计时，直到显存放不下",
        "ladder capped devices steps_to_target accumulated",
        "measure batch-size",
    ),
    "regime": _row(
        "it is settled whether compute limits training", "判断训练是否受算力限制", "bound", "measure regime"
    ),
    "steps": _row(
        "a small constant-rate sweep finds how many steps a perfect fit takes",
        "恒定学习率小扫，估出拟合完所需步数",
        "steps reached at_edge searched",
        "measure steps",
    ),
    "seeds": _row("the baseline is trained with fresh seeds", "用新种子重复训练 baseline", verb="measure seeds"),
    "round-transfer": _row(
        "short and full-length trials of the same configurations are compared",
        "比较同一批配置的短训练和全长训练",
        verb="measure round-transfer",
    ),
    "lr": _row(
        "learning rates are swept at a constant rate",
        "恒定学习率扫描",
        "best lowest highest unstable stable",
        "measure lr",
    ),
    "stability": _row(
        "training is run just above the best learning rate",
        "用略高于最佳学习率的值训练",
        "factor jumped logged_every",
        "measure stability",
    ),
    "remedy": _row(
        "a cure for instability is tried and judged",
        "尝试一种治不稳的办法并判断效果",
        "remedy cured skipped late_worse",
        "measure remedy",
    ),
    "warmup": _row(
        "warmup lengths are tried until the shortest stable one is known",
        "试不同预热步数，找到最短又稳的",
        "lengths shortest peak unstable_lr higher_failed seeds total_steps",
        "measure warmup",
    ),
    "clipping": _row(
        "a clipping threshold is set from recorded gradient norms",
        "按记录的梯度范数定裁剪阈值",
        "percentile tried cured late_worse",
        "measure clipping",
    ),
    "architecture": _row(
        "the model's blocks are inspected",
        "检查模型结构",
        "blocks residual normalized initialized placement zero_init",
        "measure architecture",
    ),
    "input": _row(
        "training is timed with real and with cached data",
        "分别用真实数据和缓存数据计时",
        "rate cached_rate gap remote sync_cost workers_gain offline_share unused_share in_memory producers",
        "measure input",
    ),
    "evaluation": _row(
        "the sampled evaluation is compared with the full one",
        "比较抽样评估和完整评估",
        "eval_batch train_batch batch_changes_metric time_share sampled full error smallest_class missing_class fixed "
        "padding_weighted counts_shown",
        "measure evaluation",
    ),
    "hosts": _row(
        "every process of a distributed run is compared with the others",
        "逐进程核对分布式训练",
        "writers sharded statistics_equal has_statistics average_equal has_average reload_equal "
        "parameters_equal batches_differ seeds_derived overlap missing largest_over_smallest",
        "measure hosts",
    ),
    "checkpoint-selection": _row(
        "the best checkpoint on dev is compared with the last one, looking back",
        "回顾比较 Dev 最优的 checkpoint 和最后一个",
        "last_as_good",
        "measure checkpoint-selection",
    ),
    "batch-size-compare": _row(
        "batch sizes are compared, each tuned anew with the same budget",
        "各 batch size 用同样预算重调后再比",
        "outcome",
        "measure batch-size-compare",
    ),
    "end-to-end-or-pipeline": _row(
        "the conditions for one model end to end or for stages are asked",
        "问清端到端还是分阶段的条件",
        "lean",
        "measure end-to-end-or-pipeline",
    ),
    "rerun": _row("the baseline is run again and compared", "重跑 baseline 并比对", "agrees", "rerun"),
    "resume": _row("a trial is stopped and resumed from a checkpoint", "中断试验再从检查点恢复", "works"),
}


def measure(procedure: str, runs: int | None = None) -> Action:
    """The action that runs a procedure, with its command where there is one."""
    known = PROCEDURES[procedure]
    return Action(known.text, f"playnote {known.verb}" if known.verb else "", runs)


def not_measured(procedure: str) -> Text:
    """The missing fact, where a procedure has not run."""
    return Text(en="`{name}` measured: {what}", zh="测一次 `{name}`：{what}").fill(
        name=procedure, what=PROCEDURES[procedure].text
    )
