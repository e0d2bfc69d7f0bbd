"""Appendix F.3 and body 12.1, transfer learning: when, and how much of the model to train."""

from __future__ import annotations

from playnote.playbook.examples import answers, project
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_STANDARD = ("image", "text", "speech", "audio", "vision", "nlp", "图像", "文本", "语音")
_SMALL = ("small", "little", "limited", "few", "小", "少", "不多", "有限")
_LARGE = ("large", "ample", "more", "medium", "much", "大", "多", "中等")
_SIZE = Text(en='`task.data_size`: "small", "medium" or "large"', zh='`task.data_size`："small"、"medium" 或 "large"')
_MODALITY = Text(en="`task.modality`: image, text, speech ...", zh="`task.modality`：图像、文本、语音……")
_NO_TRANSFER = Text(en="Nothing is transferred.", zh="没有用迁移学习。")


@rule(
    "F3-transfer-when",
    Level.IF,
    Scope.PROJECT,
    sections=("body:12.1", "app:F.3"),
    phase="transfer",
    text=Text(
        en="With limited data of a standard kind (image, text, speech), close to a task with much data, transfer first.",
        zh="数据不多、输入又是图像/文本/语音这类标准模态，就优先迁移学习。",
    ),
    asks=Text(
        en="Are the weights pretrained, and if not, why from scratch?", zh="用预训练权重吗？不用的话，为什么从头训？"
    ),
    examples=(
        silent(lambda: (_of("image", "small", pretrained="ImageNet"), answers())),
        silent(lambda: (_of("sensor", "small"), answers()), "not-applicable"),
        silent(lambda: (_of("image", "large"), answers()), "not-applicable"),
        silent(lambda: (_of("image", "small"), answers(F3_transfer_when="scratch: no licence"))),
        fires("warn", lambda: (_of("image", "small"), answers(F3_transfer_when="no"))),
        fires("unknown", lambda: (_of("image", "small"), answers())),
        fires("unknown", lambda: (project(task={}), answers())),
    ),
)
def transfer_when(project: Project, answers: Answers) -> Judgement:
    """Warn where the conditions hold and training is from scratch without a reason."""
    modality, small = project.task.get("modality"), _small(project)
    if modality is None or small is None:
        lacking = (*((_MODALITY,) if modality is None else ()), *((_SIZE,) if small is None else ()))
        return cannot_tell(
            Text(en="Kind and amount of data are not declared.", zh="没声明数据的模态和数量级。"), missing=lacking
        )
    if not small or not any(word in modality.lower() for word in _STANDARD):
        return does_not_apply(Text(en="The conditions do not hold.", zh="条件不成立。"))
    answer = answers.to("F3-transfer-when")
    if project.task.get("pretrained") or is_yes(answer):
        said = project.task.get("pretrained") or answer or ""
        return passes(Text(en="Declared: {said}", zh="已声明：{said}").fill(said=same(said)))
    if is_no(answer):
        return warns(
            Text(en="Little standard data, and training is from scratch.", zh="数据少又是标准模态，却从头训。"),
            actions=(measure("transfer"),),
        )
    return cannot_tell(
        Text(en="Not said whether weights are pretrained.", zh="没说是否用预训练权重。"),
        missing=(Text(en="`task.pretrained`, or an answer", zh="`task.pretrained`，或一句回答"),),
        actions=(ask("F3-transfer-when"),),
    )


@rule(
    "F3-transfer-pretrained",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.1", "app:F.3"),
    phase="transfer",
    text=Text(en="Take a pretrained model and put a head for the task on it.", zh="选预训练模型，加上任务头。"),
    asks=Text(en="Which pretrained model, and which head?", zh="哪个预训练模型、什么任务头？"),
    examples=(
        silent(lambda: (project(), answers()), "not-applicable"),
        silent(lambda: (_of("image", "small", pretrained="resnet50", head="linear"), answers())),
        fires("unknown", lambda: (_of("image", "small", pretrained="resnet50"), answers())),
    ),
)
def transfer_pretrained(project: Project, answers: Answers) -> Judgement:
    """Source and head are written down."""
    source, head = project.task.get("pretrained"), project.task.get("head")
    answer = answers.to("F3-transfer-pretrained")
    if is_yes(answer) or (source and head):
        return passes(Text(en="Declared: {said}", zh="已声明：{said}").fill(said=same(answer or f"{source}, {head}")))
    if not source:
        return does_not_apply(_NO_TRANSFER)
    return cannot_tell(
        Text(en="The head on {source} is not written down.", zh="{source} 上的任务头没写明。").fill(source=source),
        missing=(Text(en="`task.head`", zh="`task.head`"),),
        actions=(ask("F3-transfer-pretrained"),),
    )


@rule(
    "F3-freeze-small",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.1", "app:F.3"),
    phase="transfer",
    text=Text(
        en="With little data, freeze most layers and train the head alone.", zh="数据少：冻住大多数层，只训头部。"
    ),
    by="transfer",
    examples=(
        silent(lambda: (_of("image", "small", pretrained="resnet50"), measured(transfer={"head_only": True}))),
        silent(lambda: (_of("image", "large", pretrained="resnet50"), measured()), "not-applicable"),
        silent(lambda: (project(), measured()), "not-applicable"),
        fires("warn", lambda: (_of("image", "small", pretrained="r"), measured(transfer={"fine_tuned": True}))),
        fires("unknown", lambda: (_of("image", "small", pretrained="r"), measured())),
    ),
)
def freeze_small(project: Project, measured: Measured) -> Judgement:
    """A run with the head alone is the reference; warn where small data were fine-tuned without one."""
    if not project.task.get("pretrained") or not _small(project):
        return does_not_apply(Text(en="Not small data with transfer.", zh="不是小数据迁移。"))
    last = measured.last("transfer")
    if last is None:
        return _unmeasured()
    if last.flag("head_only"):
        return passes(Text(en="The head alone was trained as a reference.", zh="已有只训头部的参照。"))
    return warns(
        Text(en="Fine-tuned on little data without a head-only run.", zh="数据少却直接微调，没有只训头部的参照。"),
        actions=(Action(Text(en="Run the head alone.", zh="只训头部跑一次。")),),
    )


@rule(
    "F3-unfreeze-more",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.1", "app:F.3"),
    phase="transfer",
    text=Text(en="With more data, unfreeze some or all layers and fine-tune.", zh="数据多些：解冻部分或全部层微调。"),
    by="transfer",
    examples=(
        silent(lambda: (_of("image", "medium", pretrained="r"), measured(transfer=_LADDER))),
        silent(lambda: (_of("image", "small", pretrained="r"), measured()), "not-applicable"),
        fires("warn", lambda: (_of("image", "large", pretrained="r"), measured(transfer={"head_only": True}))),
        fires(
            "warn", lambda: (_of("image", "large", pretrained="r"), measured(transfer={**_LADDER, "lr_tuned": False}))
        ),
        fires("unknown", lambda: (_of("image", "large", pretrained="r"), measured())),
    ),
)
def unfreeze_more(project: Project, measured: Measured) -> Judgement:
    """Compared with the head alone, each with its own learning rate."""
    if not project.task.get("pretrained") or _small(project) is not False:
        return does_not_apply(Text(en="Not ample data with transfer.", zh="不是数据较多的迁移。"))
    last = measured.last("transfer")
    if last is None:
        return _unmeasured()
    if not last.flag("fine_tuned"):
        return warns(
            Text(en="Ample data, and only the head was trained.", zh="数据够多，却只训了头部。"),
            actions=(measure("transfer"),),
        )
    if last.flag("lr_tuned") is False:
        return warns(Text(en="Compared without tuning each learning rate.", zh="比较时没有各自调学习率。"))
    return passes(Text(en="Fine-tuning was compared with the head alone.", zh="微调已和只训头部比过。"))


@rule(
    "F3-transfer-benefit",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:12.1",),
    phase="transfer",
    text=Text(
        en="Expect lower bias and fewer examples needed; check that transfer does bring them.",
        zh="迁移的好处是偏差低、更省样本；要验证它真的带来了好处。",
    ),
    by="transfer",
    examples=(
        silent(lambda: (project(), measured()), "not-applicable"),
        silent(lambda: (_of("image", "small", pretrained="r"), measured(transfer=_LADDER))),
        fires("warn", lambda: (_of("image", "small", pretrained="r"), measured(transfer={**_LADDER, "low": -0.01}))),
        fires("unknown", lambda: (_of("image", "small", pretrained="r"), measured())),
    ),
)
def transfer_benefit(project: Project, measured: Measured) -> Judgement:
    """Gain over training from scratch at equal tuning: pass where its interval lies above 0."""
    if not project.task.get("pretrained"):
        return does_not_apply(_NO_TRANSFER)
    last = measured.last("transfer")
    low, high = (last.number_of("low"), last.number_of("high")) if last is not None else (None, None)
    if low is None or high is None:
        return _unmeasured()
    gain = Text(en="{low:.4g} to {high:.4g}", zh="{low:.4g} 到 {high:.4g}").fill(low=low, high=high)
    if low > 0:
        return passes(Text(en="Gain over scratch: {gain}.", zh="比从头训好 {gain}。").fill(gain=gain))
    return warns(
        Text(en="No gain over scratch shown ({gain}).", zh="没显出比从头训好（{gain}）。").fill(gain=gain),
        actions=(Action(Text(en="Keep training from scratch as a candidate.", zh="保留从头训作候选。")),),
    )


def _small(project: Project) -> bool | None:
    said = project.task.get("data_size", "").lower()
    if any(word in said for word in _SMALL):
        return True
    return False if any(word in said for word in _LARGE) else None


def _unmeasured() -> Judgement:
    return cannot_tell(
        Text(en="Head alone, fine-tuning and scratch have not been compared.", zh="还没比过只训头部、微调和从头训。"),
        missing=(not_measured("transfer"),),
        actions=(measure("transfer"),),
    )


_LADDER: dict[str, object] = {
    "head_only": True,
    "fine_tuned": True,
    "lr_tuned": True,
    "gain": 0.03,
    "low": 0.01,
    "high": 0.05,
}


def _of(modality: str, size: str, **more: str) -> Project:
    return project(task={"type": "classification", "modality": modality, "data_size": size, **more})


RULES: tuple[Rule, ...] = (transfer_when, transfer_pretrained, freeze_small, unfreeze_more, transfer_benefit)
