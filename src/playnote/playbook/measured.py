"""What procedures measured, as the rules read it: one journal event ("measurement") for each answer.

`PROCEDURES` names every procedure a rule may be answered by, and the numbers that rules read of its result. A
procedure that writes other names is heard by nobody, so the names are checked when a rule asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.playbook.verdict import Action
from playnote.records.state import ProjectState
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: what it does, and the names of the numbers that rules read of its result."""

    text: Text
    reads: tuple[str, ...]


def _row(en: str, zh: str, reads: str = "") -> Procedure:
    return Procedure(Text(en=en, zh=zh), tuple(reads.split()))


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
    ),
    "labels": _row(
        "labels of a split are audited by a person",
        "请人复核一个划分的标签",
        "split n wrong random error_share flips concentrated key_scene relabelled",
    ),
    "errors": _row("wrong dev examples are sampled and sorted by people", "抽取 Dev 错例请人归类", "n categories"),
    "transfer": _row(
        "pretrained weights are compared with training from scratch",
        "比较预训练和从头训练",
        "head_only fine_tuned lr_tuned gain low high",
    ),
    "regime": _row("it is settled whether compute limits training", "判断训练是否受算力限制", "bound"),
    "steps": _row(
        "a small constant-rate sweep finds how many steps a perfect fit takes",
        "恒定学习率小扫，估出拟合完所需步数",
        "steps reached at_edge searched",
    ),
    "confirm": _row(
        "few candidates are trained again at nearly full length",
        "少数候选按接近最终的步数重跑",
        "candidates share with_baseline order_kept tau",
    ),
    "lr": _row("learning rates are swept at a constant rate", "恒定学习率扫描", "best lowest highest unstable stable"),
    "stability": _row(
        "training is run just above the best learning rate", "用略高于最佳学习率的值训练", "factor jumped logged_every"
    ),
    "remedy": _row(
        "a cure for instability is tried and judged",
        "尝试一种治不稳的办法并判断效果",
        "remedy cured skipped late_worse",
    ),
    "warmup": _row(
        "warmup lengths are tried until the shortest stable one is known",
        "试不同预热步数，找到最短又稳的",
        "lengths shortest peak unstable_lr higher_failed seeds total_steps",
    ),
    "clipping": _row(
        "a clipping threshold is set from recorded gradient norms",
        "按记录的梯度范数定裁剪阈值",
        "threshold percentile tried cured late_worse",
    ),
    "architecture": _row(
        "the model's blocks are inspected",
        "检查模型结构",
        "blocks residual normalized initialized placement zero_init",
    ),
    "input": _row(
        "training is timed with real and with cached data",
        "分别用真实数据和缓存数据计时",
        "rate cached_rate remote sync_cost workers_gain offline_share unused_share in_memory producers",
    ),
    "evaluation": _row(
        "the sampled evaluation is compared with the full one",
        "比较抽样评估和完整评估",
        "eval_batch train_batch batch_changes_metric time_share sampled full error smallest_class missing_class fixed "
        "padding_weighted",
    ),
    "hosts": _row(
        "every process of a distributed run is compared with the others",
        "逐进程核对分布式训练",
        "ranks writers sharded statistics_equal has_statistics average_equal has_average reload_equal "
        "parameters_equal batches_differ seeds_derived overlap missing largest_over_smallest",
    ),
    "rerun": _row("the baseline is run again and compared", "重跑 baseline 并比对", "agrees difference"),
    "resume": _row("a trial is stopped and resumed from a checkpoint", "中断试验再从检查点恢复", "works"),
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One answer of a procedure: the journal number it was written at, its numbers and its verdict."""

    number: int
    time: str
    result: Mapping[str, object]
    verdict: str | None = None

    def number_of(self, name: str) -> float | None:
        """A number of the result, None where it is absent or no number."""
        value = self.result.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """A yes or no of the result."""
        value = self.result.get(name)
        return value if isinstance(value, bool) else None

    def word(self, name: str) -> str:
        """A word of the result, "" where it is absent."""
        value = self.result.get(name)
        return value if isinstance(value, str) else ""

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers of the result."""
        value = self.result.get(name)
        listed = value if isinstance(value, list | tuple) else ()
        return tuple(float(each) for each in listed if isinstance(each, int | float))


@dataclass(frozen=True)
class Measured:
    """Every measurement on record, by procedure, oldest first."""

    by_procedure: Mapping[str, tuple[Measurement, ...]]

    def all(self, procedure: str) -> tuple[Measurement, ...]:
        """All answers of a procedure."""
        return self.by_procedure.get(procedure, ())

    def last(self, procedure: str) -> Measurement | None:
        """Its latest answer, None where it never ran."""
        found = self.all(procedure)
        return found[-1] if found else None


def measured_in(state: ProjectState) -> Measured:
    """Read the journal's measurements."""
    found: dict[str, list[Measurement]] = {}
    for event in state.events("measurement"):
        result = event.data.get("result")
        verdict = event.data.get("verdict")
        found.setdefault(str(event.data.get("name")), []).append(
            Measurement(
                event.number,
                event.time,
                result if isinstance(result, Mapping) else {},
                str(verdict) if verdict is not None else None,
            )
        )
    return Measured({name: tuple(each) for name, each in found.items()})


def measure(procedure: str, runs: int | None = None) -> Action:
    """The action that runs a procedure."""
    return Action(PROCEDURES[procedure].text, f"playnote measure {procedure}", runs)


def not_measured(procedure: str) -> Text:
    """The missing fact, where a procedure has not run."""
    return Text(en="`{name}` measured: {what}", zh="测一次 `{name}`：{what}").fill(
        name=procedure, what=PROCEDURES[procedure].text
    )
