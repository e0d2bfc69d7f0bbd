"""`baseline`, `round ...`, `widen`, `adopt`: the work of a project, from question to decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from playnote.errors import InputError
from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of, watch
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def baseline(
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, help=said(en="How many seeds it should have.", zh="baseline 要几个种子。")),
    ] = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run and judge the baseline."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_baseline
        from playnote.service import guidance, rounds

        session = session_of(face)
        watch(rounds.baseline_run(session, seeds=seeds, workers=workers), face)
        ran, data = rounds.baseline_of(session), guidance.check(session, chapter="app:D.4")
        face.done({**data, "baseline": ran}, lambda: show_baseline(ran, data, face))


def round_new(
    question: Annotated[
        str, typer.Argument(help=said(en="The one question of this round.", zh="这一轮唯一的问题。"))
    ] = "",
    scientific: Annotated[
        list[str] | None, typer.Option("--scientific", help=said(en="NAME=V1,V2,V3", zh="NAME=V1,V2,V3"))
    ] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help=said(en="Trials for each value.", zh="每个取值跑几个试验。"))
    ] = None,
    nuisance: Annotated[
        list[str] | None,
        typer.Option("--nuisance", help=said(en="Names to tune for each value.", zh="每个取值下要调的冗余超参。")),
    ] = None,
    search: Annotated[
        str,
        typer.Option(
            "--search",
            help=said(
                en="quasi-random, or bayes once the space is understood; optuna:tpe and its like, or your own "
                "package.module:factory.",
                zh="quasi-random；摸透之后可用 bayes；也可用 optuna:tpe 等，或自己的 包.模块:工厂函数。",
            ),
        ),
    ] = "quasi-random",
    short: Annotated[
        bool,
        typer.Option(
            "--short",
            help=said(en="A tenth of the final steps, tried widely.", zh="短跑：最终步数的十分之一，广泛试。"),
        ),
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm",
            help=said(
                en="The best candidates of the short rounds at the final length.",
                zh="把短跑里最好的候选用最终步数确认。",
            ),
        ),
    ] = False,
    dry: Annotated[
        bool, typer.Option("--dry", help=said(en="Show the plan, store nothing.", zh="只看计划，什么都不存。"))
    ] = False,
    also: Annotated[
        bool,
        typer.Option(
            "--also",
            help=said(en="Beside a round that is still open.", zh="另一轮还没结束时，也照样再开一轮。"),
        ),
    ] = False,
    workers: Workers = 1,
    seed: Annotated[int, typer.Option("--seed", help=said(en="Seed of the point sequence.", zh="点序列的种子。"))] = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Plan a round: what it costs and what it can show, before anything is spent."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.values import scientific_values
        from playnote.service import rounds

        session = session_of(face)
        if confirm:
            planned = rounds.round_confirm(session, seed=seed, dry=dry, also=also)
            told = {"round": planned.number, "question": planned.question, "trials": len(planned.planned)}
            face.done(
                {**told, "steps": planned.steps}, lambda: _each(face, _CONFIRM.fill(**told, steps=planned.steps), _GO)
            )
            return
        if not question:
            raise InputError(
                Text(en="A round needs its question.", zh="每一轮都要有一个问题。"),
                fix=Text(en='playnote round new "Does ... help?" ...', zh='playnote round new "……有用吗？" ……'),
            )
        plan = rounds.round_new(
            session,
            question,
            scientific_values(scientific or [], session.project.space),
            trials,
            nuisance=nuisance,
            seed=seed,
            workers=workers,
            sampler=search,
            dry=dry,
            short=short,
            also=also,
        )
        data = {
            "round": plan.round.number,
            "question": plan.round.question,
            "trials": plan.trials,
            "hours": plan.hours,
            "lines": [line.as_json() for line in plan.lines()],
            "roles": dict(plan.round.roles),
        }
        face.done(data, lambda: _each(face, *plan.lines(), _GO))


def _each(face: Face, *lines: Text) -> None:
    for line in lines:
        face.line(line)


_CONFIRM = Text(
    en="Round {round}: {trials} configurations, the baseline among them, trained for {steps} steps each.",
    zh="第 {round} 轮：{trials} 个配置（含 baseline），各跑 {steps} 步。",
)
_GO = Text(en="Next: playnote round run", zh="下一步：playnote round run")


def round_run(
    workers: Workers = 1,
    on: Annotated[
        str, typer.Option("--on", help=said(en="local, inline, ray or slurm.", zh="local、inline、ray 或 slurm。"))
    ] = "local",
    number: Annotated[
        int | None,
        typer.Option(
            "--round", help=said(en="Which round (default: the open one).", zh="哪一轮（默认：正在进行的）。")
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help=said(en="Also trials that failed repeatedly in the same code.", zh="代码没改却多次失败的试验也重跑。"),
        ),
    ] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run the open round to its end; what has finished is not run again."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_next
        from playnote.service import guidance, rounds

        session = session_of(face)
        last = watch(rounds.round_run(session, number=number, workers=workers, on=on, again=again), face)
        counts = {"total": last.total, "done": last.done, "failed": last.failed} if last else {}
        data = {**counts, "aside": list(last.aside) if last else []}
        step = guidance.next_of(session)
        face.done({**data, "next": step}, lambda: _ran(face, data["aside"], lambda: show_next(step, face)))


def _ran(face: Face, aside: list[str], then: Callable[[], None]) -> None:
    if aside:
        face.line(_ASIDE.fill(n=len(aside), trials=", ".join(aside)))
    then()


_ASIDE = Text(
    en="{n} trials failed repeatedly in their own code and were not run again: {trials}. "
    "Once it is corrected: playnote round run --again",
    zh="{n} 个试验多次在自己的代码里出错，这次没有重跑：{trials}。改好后运行：playnote round run --again",
)


def round_show(
    number: Annotated[
        int | None,
        typer.Option("--round", help=said(en="Which round (default: the latest).", zh="哪一轮（默认：最近的）。")),
    ] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The question, its answer, and whether the comparison is fair."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_round
        from playnote.service import rounds

        data = rounds.round_show(session_of(face), number)
        face.done(data, lambda: show_round(data, face))


def round_close(
    decision: Annotated[
        str, typer.Option("--decision", help=said(en="What was decided, in words.", zh="用文字写下决定。"))
    ],
    number: Annotated[int | None, typer.Option("--round")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """End a round with its decision."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import rounds

        closed = rounds.round_close(session_of(face), decision, number)
        data = {"round": closed.number, "decision": decision}
        face.done(data, lambda: face.line(_CLOSED.fill(n=closed.number, decision=decision)))


_CLOSED = Text(en="Round {n} is closed: {decision}", zh="第 {n} 轮已结束：{decision}")


def widen(
    name: Annotated[str, typer.Argument(help=said(en="The hyperparameter.", zh="超参名。"))],
    low: Annotated[bool, typer.Option("--low", help=said(en="At the bottom.", zh="扩下端。"))] = False,
    high: Annotated[bool, typer.Option("--high", help=said(en="At the top.", zh="扩上端。"))] = False,
    to: Annotated[float | None, typer.Option("--to", help=said(en="The new end.", zh="新的端点。"))] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Extend a range of the open round; only the new part is run."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import rounds

        if low == high:
            raise InputError(
                Text(en="Say which end to move.", zh="要说明扩哪一端。"),
                fix=Text(en="Add --low or --high.", zh="加上 --low 或 --high。"),
            )
        wider = rounds.round_widen(session_of(face), name, "low" if low else "high", to=to)
        data = {"round": wider.number, "trials": len(wider.planned)}
        face.done(data, lambda: face.line(_WIDER.fill(n=wider.number, trials=len(wider.planned))))


_WIDER = Text(
    en="Round {n} has {trials} trials now. Next: playnote round run",
    zh="第 {n} 轮现在有 {trials} 个试验。下一步：playnote round run",
)


def adopt(
    trial: Annotated[
        str | None,
        typer.Argument(help=said(en="The candidate trial (default: the best).", zh="候选试验（默认：最好的那个）。")),
    ] = None,
    up_to: Annotated[
        int, typer.Option("--up-to", min=2, help=said(en="Fresh seeds of each side.", zh="两边各跑几个新种子。"))
    ] = 4,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Fresh seeds of a candidate and of the baseline, and the decision."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import adopt as adoption

        found: Any = watch(adoption.adopt(session_of(face), trial, seeds=up_to, workers=workers), face)
        data = {"trial": found.trial, "verdict": found.verdict, **found.comparison.as_json()}
        face.done(data, lambda: _adopted(face, found))


def _adopted(face: Face, found: Any) -> None:
    from playnote.interfaces.cli.compare_view import view

    words = {
        "adopted": Text(en="ADOPTED: trial {t} is the new baseline.", zh="上线：试验 {t} 成为新的 baseline。"),
        "candidate": Text(
            en="NOT DECIDED: the baseline stays, trial {t} is kept as a candidate.",
            zh="未定：baseline 不变，试验 {t} 留作候选。",
        ),
        "rejected": Text(en="REJECTED: trial {t} does not gain what matters.", zh="不上线：试验 {t} 的提升不够。"),
    }
    face.line(words[found.verdict].fill(t=found.trial))
    face.line(found.decision.because)
    face.line(view(found.comparison, face.language, acted=found.verdict == "adopted"))
    if found.complexity.note is not None:
        face.line(found.complexity.note)
    if found.false_share is not None:
        face.line(_FALSE_SHARE.fill(share=f"{100 * found.false_share:.0f}"))


_FALSE_SHARE = Text(
    en="Of the changes adopted so far, about {share} % are expected to be no better.",
    zh="到目前为止上线的改动里，预计约有 {share} % 其实没有变好。",
)
