"""`measure ...`: choices that are settled by comparing at equal tuning, by looking back, by timing, or by asking."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.verbs.measure import Apply, measured
from playnote.interfaces.cli.words import said
from playnote.text import Text

Trials = Annotated[
    int | None,
    typer.Option("--trials", min=3, help=said(en="Tuning trials of each value.", zh="每个取值调参跑几个试验。")),
]
Seeds = Annotated[
    int | None,
    typer.Option(
        "--seeds", min=2, help=said(en="Fresh seeds of each value's best.", zh="每个取值的最优再跑几个新种子。")
    ),
]


def input_(
    steps: Annotated[
        int | None, typer.Option("--steps", min=1, help=said(en="Training steps of each run.", zh="每次训练几步。"))
    ] = None,
    repeats: Annotated[
        int | None, typer.Option("--repeats", min=2, help=said(en="Runs of each set-up.", zh="每种设置跑几次。"))
    ] = None,
    cap: Annotated[
        int | None,
        typer.Option("--cap", min=1, help=said(en="Most workers or batches to try.", zh="最多试到几个进程或几批。")),
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether training waits for its data, and whether more workers or prefetching help."""
    measured("input", {"steps": steps, "repeats": repeats, "cap": cap}, (apply, workers, project, as_json, lang))


def checkpoint_selection(
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, help=said(en="How many runs it takes.", zh="要几次训练。"))
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether the best checkpoint on Dev beats the last one, the luck of choosing taken off."""
    measured("checkpoint-selection", {"seeds": seeds}, (apply, workers, project, as_json, lang))


def batch_size_compare(
    other: Annotated[
        int | None,
        typer.Option(
            "--other",
            min=1,
            help=said(
                en="The other size (default: four times the baseline's).", zh="另一个大小（默认是 baseline 的 4 倍）。"
            ),
        ),
    ] = None,
    trials: Trials = None,
    seeds: Seeds = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether batch sizes end alike once each is tuned anew."""
    options = {"other": other, "trials": trials, "seeds": seeds}
    measured("batch-size-compare", options, (False, workers, project, as_json, lang))


def transfer_strategy(
    trials: Trials = None,
    seeds: Seeds = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Head alone, part of the model, all of it, or from scratch, at equal tuning."""
    measured("transfer-strategy", {"trials": trials, "seeds": seeds}, (apply, workers, project, as_json, lang))


def domain_weights(
    trials: Trials = None,
    seeds: Seeds = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Whether weighting training examples towards deployment pays."""
    measured("domain-weights", {"trials": trials, "seeds": seeds}, (apply, workers, project, as_json, lang))


def end_to_end_or_pipeline(
    huge_data: Annotated[
        bool | None,
        typer.Option(
            "--huge-data/--limited-data",
            help=said(en="Examples from raw input to final answer.", zh="从原始输入直到最终答案的样本：巨量或有限。"),
        ),
    ] = None,
    hard_labels: Annotated[
        bool | None,
        typer.Option(
            "--hard-labels/--easy-labels",
            help=said(en="Labels of the intermediate steps: hard or easy to get.", zh="中间步骤的标注：难得或好标。"),
        ),
    ] = None,
    ample_compute: Annotated[
        bool | None,
        typer.Option(
            "--ample-compute/--limited-compute",
            help=said(en="Enough for one large model.", zh="算力够不够训一个大模型。"),
        ),
    ] = None,
    rules: Annotated[
        bool | None,
        typer.Option("--rules/--no-rules", help=said(en="Rules must go between the steps.", zh="中间要不要插入规则。")),
    ] = None,
    explanations: Annotated[
        bool | None,
        typer.Option(
            "--explanations/--no-explanations",
            help=said(en="Intermediate results must be explained.", zh="中间结果要不要能解释。"),
        ),
    ] = None,
    apply: Apply = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """One model end to end, or stages: the conditions are asked, the advice comes with reasons."""
    options: dict[str, float | None] = {
        "pairs": huge_data,
        "intermediate_labels": hard_labels,
        "compute": ample_compute,
        "rules": rules,
        "explanations": explanations,
    }
    if not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        with face_of(as_json, lang, project) as face:
            _ask(face, options)
    measured("end-to-end-or-pipeline", options, (apply, 1, project, as_json, lang))


def _ask(face: Face, options: dict[str, float | None]) -> None:
    """Ask a person at a terminal what neither the options nor the project say; an empty answer leaves it open."""
    from playnote.service.conditions import unanswered

    for each in unanswered(session_of(face)):
        if options[each.key] is None:
            words = typer.prompt(f"{face.say(each.asks)} [{each.yes}/{each.no}]", default="", show_default=False)
            options[each.key] = {each.yes: 1.0, each.no: 0.0}.get(str(words).strip().lower())


# In the order in which one would run them.
ROWS: tuple[tuple[str, Callable[..., Any], Text], ...] = (
    (
        "input",
        input_,
        Text(
            en="Whether training waits for its data, and whether more workers or prefetching help.",
            zh="训练是不是在等数据，加 worker、加预取有没有用。",
        ),
    ),
    (
        "checkpoint-selection",
        checkpoint_selection,
        Text(
            en="Whether the best checkpoint on Dev beats the last one, the luck of choosing taken off.",
            zh="扣掉挑选的运气，Dev 最优的 checkpoint 是不是真比最后一个好。",
        ),
    ),
    (
        "batch-size-compare",
        batch_size_compare,
        Text(
            en="Whether batch sizes end alike once each is tuned anew.",
            zh="各 batch size 都重调之后，效果是不是差不多。",
        ),
    ),
    (
        "transfer-strategy",
        transfer_strategy,
        Text(
            en="Head alone, part of the model, all of it, or from scratch, at equal tuning.",
            zh="只训头部、部分解冻、全部微调、从头训：同等调参下比一比。",
        ),
    ),
    (
        "domain-weights",
        domain_weights,
        Text(
            en="Whether weighting training examples towards deployment pays.", zh="按部署分布给训练样本加权有没有用。"
        ),
    ),
    (
        "end-to-end-or-pipeline",
        end_to_end_or_pipeline,
        Text(
            en="One model end to end, or stages: the conditions are asked, the advice comes with reasons.",
            zh="端到端还是分阶段：先问条件，再给建议和理由。",
        ),
    ),
)
