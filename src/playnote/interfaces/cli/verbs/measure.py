"""`measure ...`: one verb for each procedure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of, watch
from playnote.interfaces.cli.words import said
from playnote.text import Text

Apply = Annotated[
    bool,
    typer.Option("--apply", help=said(en="Make the proposed edit of playnote.toml.", zh="按建议修改 playnote.toml。")),
]
Length = Annotated[
    int | None, typer.Option("--steps", min=1, help=said(en="Training steps of each trial.", zh="每个试验训练几步。"))
]


def measured(
    name: str,
    options: Mapping[str, float | None],
    shared: tuple[bool, int, str | None, bool, str | None],
) -> None:
    """Run one procedure and show what it found.

    shared  apply, workers, project, as_json, lang
    """
    apply, workers, project, as_json, lang = shared
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.measure_view import show
        from playnote.service import measure as service

        given = {key: float(value) for key, value in options.items() if value is not None}
        session = session_of(face)
        found: Any = watch(service.measure(session, name, options=given, workers=workers, apply=apply), face)
        face.done(found.as_json(), lambda: show(found, face))


def seeds(
    count: Annotated[
        int | None, typer.Option("--seeds", min=2, help=said(en="How many fresh seeds.", zh="跑几个新种子。"))
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """How far apart runs of the baseline end that differ in the seed alone."""
    measured("seeds", {"seeds": count}, (apply, workers, project, as_json, lang))


def lr(
    steps: Length = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Constant learning rates: the best, the highest stable, the lowest unstable."""
    measured("lr", {"steps": steps}, (apply, workers, project, as_json, lang))


def stability(
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Training just above the best learning rate, watched step by step."""
    measured("stability", {}, (apply, workers, project, as_json, lang))


def warmup(
    multiple: Annotated[
        float | None,
        typer.Option(
            "--multiple",
            help=said(
                en="Times the unstable rate to aim at (default: 10, then 5).",
                zh="瞄准不稳学习率的几倍（默认先 10 倍再 5 倍）。",
            ),
        ),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The shortest warmup that makes a higher learning rate stable."""
    measured("warmup", {"multiple": multiple}, (apply, workers, project, as_json, lang))


def clipping(
    lr: Annotated[
        float | None,
        typer.Option(
            "--lr",
            help=said(
                en="Learning rate to examine (default: the baseline's).", zh="检查哪个学习率（默认用 baseline 的）。"
            ),
        ),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The clipping threshold that cures rare huge gradients."""
    measured("clipping", {"lr": lr}, (apply, workers, project, as_json, lang))


def remedy(
    lr: Annotated[
        float | None,
        typer.Option(
            "--lr",
            help=said(
                en="Learning rate to examine (default: the baseline's).", zh="检查哪个学习率（默认用 baseline 的）。"
            ),
        ),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The stability ladder: warmup, clipping, the architecture, a lower rate last."""
    measured("remedy", {"lr": lr}, (apply, workers, project, as_json, lang))


def batch_size(
    start: Annotated[
        int | None, typer.Option("--start", help=said(en="Where the doubling begins.", zh="从多少开始翻倍。"))
    ] = None,
    cap: Annotated[
        int | None, typer.Option("--cap", help=said(en="Where the doubling ends.", zh="翻倍到多少为止。"))
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help=said(en="Training steps of each trial.", zh="每个试验训练几步。"))
    ] = None,
    devices: Annotated[
        int | None, typer.Option("--devices", help=said(en="Devices one run trains on.", zh="一次训练用几台设备。"))
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(
            "--price",
            help=said(en="Cost of a device-hour, for the cost column.", zh="一台设备一小时的价格，用来算成本。"),
        ),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Step times at doubling batch sizes until memory runs out."""
    measured(
        "batch-size",
        {"start": start, "cap": cap, "steps": steps, "devices": devices, "price": price},
        (apply, workers, project, as_json, lang),
    )


def regime(
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether compute limits training."""
    measured("regime", {}, (apply, workers, project, as_json, lang))


def steps(
    target: Annotated[
        float | None,
        typer.Option(
            "--target",
            help=said(en="Train error (or loss) that counts as fitted.", zh="训练误差（或损失）降到多少算拟合完。"),
        ),
    ] = None,
    start: Annotated[
        int | None, typer.Option("--start", help=said(en="Where the doubling begins.", zh="从多少开始翻倍。"))
    ] = None,
    cap: Annotated[
        int | None, typer.Option("--cap", help=said(en="Where the doubling ends.", zh="翻倍到多少为止。"))
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """How many steps a fit of the training data takes."""
    measured("steps", {"target": target, "start": start, "cap": cap}, (apply, workers, project, as_json, lang))


def round_transfer(
    share: Annotated[
        float | None,
        typer.Option(
            "--share", help=said(en="Length of the short trials as a share of all steps.", zh="短训练占总步数的比例。")
        ),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether the order of short trials holds at full length."""
    measured("round-transfer", {"share": share}, (apply, workers, project, as_json, lang))


def optimizer(
    steps: Length = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether the optimizer's step is the reference step."""
    measured("optimizer", {"steps": steps}, (False, workers, project, as_json, lang))


def architecture(
    steps: Length = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Residual branches, norm placement and initial scales of the model."""
    measured("architecture", {"steps": steps}, (False, workers, project, as_json, lang))


def evaluation(
    steps: Length = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether the metric depends on the evaluation batch."""
    measured("evaluation", {"steps": steps}, (False, workers, project, as_json, lang))


def hosts(
    steps: Length = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether the processes of a distributed run agree."""
    measured("hosts", {"steps": steps}, (False, workers, project, as_json, lang))


# In the order in which one would run them.
ROWS: tuple[tuple[str, Callable[..., Any], Text], ...] = (
    (
        "seeds",
        seeds,
        Text(en="How far apart runs end that differ in the seed alone.", zh="只换种子，结果会差多少。"),
    ),
    (
        "lr",
        lr,
        Text(
            en="Constant learning rates: the best, the highest stable, the lowest unstable.",
            zh="恒定学习率扫描：最好的、还稳的、开始不稳的。",
        ),
    ),
    (
        "stability",
        stability,
        Text(
            en="Training just above the best learning rate, watched step by step.",
            zh="在最佳学习率上方训练，逐步看稳不稳。",
        ),
    ),
    (
        "warmup",
        warmup,
        Text(en="The shortest warmup that makes a higher learning rate stable.", zh="稳住更高学习率的最短预热。"),
    ),
    (
        "clipping",
        clipping,
        Text(en="The clipping threshold that cures rare huge gradients.", zh="压住偶发梯度巨峰的裁剪阈值。"),
    ),
    (
        "remedy",
        remedy,
        Text(
            en="The stability ladder: warmup, clipping, the architecture, a lower rate last.",
            zh="治不稳的阶梯：预热、裁剪、架构，最后才降学习率。",
        ),
    ),
    (
        "batch-size",
        batch_size,
        Text(
            en="Step times at doubling batch sizes until memory runs out.", zh="逐级翻倍 batch size 计时，直到放不下。"
        ),
    ),
    (
        "regime",
        regime,
        Text(en="Whether compute limits training.", zh="训练是否受算力限制。"),
    ),
    (
        "steps",
        steps,
        Text(en="How many steps a fit of the training data takes.", zh="拟合完训练集要多少步。"),
    ),
    (
        "round-transfer",
        round_transfer,
        Text(en="Whether the order of short trials holds at full length.", zh="短训练的排序在全长上还成不成立。"),
    ),
    (
        "optimizer",
        optimizer,
        Text(en="Whether the optimizer's step is the reference step.", zh="优化器的一步是不是标准更新式。"),
    ),
    (
        "architecture",
        architecture,
        Text(
            en="Residual branches, norm placement and initial scales of the model.",
            zh="模型的残差支路、归一化位置、初始化尺度。",
        ),
    ),
    (
        "evaluation",
        evaluation,
        Text(en="Whether the metric depends on the evaluation batch.", zh="指标会不会随评估 batch 变。"),
    ),
    ("hosts", hosts, Text(en="Whether the processes of a distributed run agree.", zh="分布式训练的各个进程是否一致。")),
)
