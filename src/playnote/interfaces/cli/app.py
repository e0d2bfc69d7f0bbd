"""`playnote`: one verb for each operation. Everything heavy is imported by the verb that needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playnote.errors import InputError, PlaynoteError
from playnote.interfaces.cli.output import VIOLATED, Face, fail, language_of, unexpected
from playnote.text import Text

if TYPE_CHECKING:
    from playnote.service.session import Session

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The deep-learning tuning playbook as running software.",
)
round_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="One question: plan it, run it, show it, close it."
)
app.add_typer(round_app, name="round")

Project = Annotated[str | None, typer.Option("--project", help="The project's folder (default: the nearest upward).")]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]
Lang = Annotated[str | None, typer.Option("--lang", help="en or zh.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes, one thread each.")]


@contextmanager
def _face(as_json: bool, lang: str | None, project: str | None = None) -> Iterator[Face]:
    """The shared frame of every verb: errors end in problem, fix and exit code, never in a traceback."""
    face = Face(as_json, language_of(lang), project)
    try:
        yield face
    except PlaynoteError as error:
        raise typer.Exit(fail(error, face)) from None
    except (typer.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        face_error = Text(
            en="Stopped; what had finished is kept. Run the same command to go on.",
            zh="已停下；跑完的都保留着。再运行同一条命令即可继续。",
        )
        sys.stderr.write(face.say(face_error) + "\n")
        raise typer.Exit(130) from None
    except Exception as error:
        if os.environ.get("PLAYNOTE_TRACEBACK"):
            raise
        raise typer.Exit(fail(unexpected(error), face)) from None


def _session(face: Face) -> Session:
    from playnote.service.session import open_project

    return open_project(face.project)


@app.command()
def init(
    path: Annotated[Path | None, typer.Argument(help="Where the project goes.")] = None,
    example: Annotated[str | None, typer.Option("--example", help="A ready example: digits.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    run: Annotated[str | None, typer.Option("--run", help="What runs one training.")] = None,
    optimize: Annotated[str | None, typer.Option("--optimize", help="The number to improve, as it is logged.")] = None,
    direction: Annotated[str | None, typer.Option("--direction", help="minimize or maximize.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Begin a project: three questions, or a ready example."""
    with _face(as_json, lang) as face:
        from playnote.service import start

        if example is not None:
            made = start.init_example(example, path)
        else:
            answers = [
                _ask(face, q, given, yes) for q, given in zip(_QUESTIONS, (run, optimize, direction), strict=True)
            ]
            if answers[2] not in ("minimize", "maximize"):
                raise InputError(
                    Text(en="The direction is {said!r}.", zh="方向是 {said!r}。").fill(said=answers[2]),
                    fix=Text(en="Say minimize or maximize.", zh="写 minimize 或 maximize。"),
                )
            made = start.init_project(
                path or Path(),
                run=answers[0],
                optimize=answers[1],
                direction="minimize" if answers[2] == "minimize" else "maximize",
                language=face.language,
            )
        face.done({"path": str(made)}, lambda: _made(face, made))


_QUESTIONS = (
    Text(en="What runs one training (a command or module:function)?", zh="一次训练怎么跑（命令或 module:function）？"),
    Text(en="Which logged number is to improve (dev/error)?", zh="要优化哪个记录下来的数（dev/error）？"),
    Text(en="Which way is better (minimize or maximize)?", zh="越小越好还是越大越好（minimize 或 maximize）？"),
)


def _ask(face: Face, question: Text, given: str | None, yes: bool) -> str:
    if given is not None:
        return given
    if yes:
        raise InputError(
            Text(en="`--yes` asks nothing, and an answer is missing: {q}", zh="`--yes` 不提问，但缺一个回答：{q}").fill(
                q=question
            ),
            fix=Text(en="Give --run, --optimize and --direction.", zh="加上 --run、--optimize、--direction。"),
        )
    return str(typer.prompt(face.say(question)))


def _made(face: Face, path: Path) -> None:
    face.line(Text(en="Made {path}.", zh="已建好 {path}。").fill(path=path))
    folder = path if path.is_dir() else path.parent
    face.line(Text(en="Next: ", zh="下一步：").pick(face.language) + f"playnote next --project {folder}")


@app.command()
def check(
    everything: Annotated[bool, typer.Option("--all", help="Every rule, due or not.")] = False,
    chapter: Annotated[str | None, typer.Option("--chapter", help="Only one section: app:E.3, body:2.1.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Unanswered gates count as violated.")] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The rules that are due now; exit 3 only where something is violated."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_check
        from playnote.service import guidance

        data = guidance.check(_session(face), everything=everything, chapter=chapter)
        face.done(data, lambda: show_check(data, face))
        if data["violated"] or (strict and data["unknown_gates"]):
            raise typer.Exit(VIOLATED)


@app.command("next")
def next_(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """The one next step: why, the command, what it costs."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_next
        from playnote.service import guidance

        data = guidance.next_of(_session(face))
        face.done(data, lambda: show_next(data, face))


@app.command()
def baseline(
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="How many seeds it should have.")] = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run and judge the baseline."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_check
        from playnote.service import guidance, rounds

        session = _session(face)
        _run(rounds.baseline_run(session, seeds=seeds, workers=workers), face)
        data = guidance.check(session, chapter="app:D.4")
        face.done(data, lambda: show_check(data, face))


@round_app.command("new")
def round_new(
    question: Annotated[str, typer.Argument(help="The one question of this round.")],
    scientific: Annotated[list[str] | None, typer.Option("--scientific", help="NAME=V1,V2,V3")] = None,
    trials: Annotated[int | None, typer.Option("--trials", min=1, help="Trials for each value.")] = None,
    nuisance: Annotated[list[str] | None, typer.Option("--nuisance", help="Names to tune for each value.")] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Show the plan, store nothing.")] = False,
    workers: Workers = 1,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the point sequence.")] = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Plan a round: what it costs and what it can show, before anything is spent."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.values import scientific_values
        from playnote.service import rounds

        session = _session(face)
        plan = rounds.round_new(
            session,
            question,
            scientific_values(scientific or [], session.project.space),
            trials,
            nuisance=nuisance,
            seed=seed,
            workers=workers,
            dry=dry,
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


_GO = Text(en="Next: playnote round run", zh="下一步：playnote round run")


@round_app.command("run")
def round_run(
    workers: Workers = 1,
    on: Annotated[str, typer.Option("--on", help="local, inline, ray or slurm.")] = "local",
    number: Annotated[int | None, typer.Option("--round", help="Which round (default: the open one).")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Run the open round to its end; what has finished is not run again."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_next
        from playnote.service import guidance, rounds

        session = _session(face)
        last = _run(rounds.round_run(session, number=number, workers=workers, on=on), face)
        data = {"total": last.total, "done": last.done, "failed": last.failed} if last else {}
        step = guidance.next_of(session)
        face.done({**data, "next": step}, lambda: show_next(step, face))


@round_app.command("show")
def round_show(
    number: Annotated[int | None, typer.Option("--round", help="Which round (default: the latest).")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The question, its answer, and whether the comparison is fair."""
    with _face(as_json, lang, project) as face:
        from playnote.interfaces.cli.show import show_round
        from playnote.service import rounds

        data = rounds.round_show(_session(face), number)
        face.done(data, lambda: show_round(data, face))


@round_app.command("close")
def round_close(
    decision: Annotated[str, typer.Option("--decision", help="What was decided, in words.")],
    number: Annotated[int | None, typer.Option("--round")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """End a round with its decision."""
    with _face(as_json, lang, project) as face:
        from playnote.service import rounds

        closed = rounds.round_close(_session(face), decision, number)
        data = {"round": closed.number, "decision": decision}
        face.done(data, lambda: face.line(_CLOSED.fill(n=closed.number, decision=decision)))


_CLOSED = Text(en="Round {n} is closed: {decision}", zh="第 {n} 轮已结束：{decision}")


@app.command()
def widen(
    name: Annotated[str, typer.Argument(help="The hyperparameter.")],
    low: Annotated[bool, typer.Option("--low", help="At the bottom.")] = False,
    high: Annotated[bool, typer.Option("--high", help="At the top.")] = False,
    to: Annotated[float | None, typer.Option("--to", help="The new end.")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Extend a range of the open round; only the new part is run."""
    with _face(as_json, lang, project) as face:
        from playnote.service import rounds

        if low == high:
            raise InputError(
                Text(en="Say which end to move.", zh="要说明扩哪一端。"),
                fix=Text(en="Add --low or --high.", zh="加上 --low 或 --high。"),
            )
        wider = rounds.round_widen(_session(face), name, "low" if low else "high", to=to)
        data = {"round": wider.number, "trials": len(wider.planned)}
        face.done(data, lambda: face.line(_WIDER.fill(n=wider.number, trials=len(wider.planned))))


_WIDER = Text(
    en="Round {n} has {trials} trials now. Next: playnote round run",
    zh="第 {n} 轮现在有 {trials} 个试验。下一步：playnote round run",
)


@app.command()
def adopt(
    trial: Annotated[str | None, typer.Argument(help="The candidate trial (default: the best).")] = None,
    up_to: Annotated[int, typer.Option("--up-to", min=2, help="Fresh seeds of each side.")] = 4,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Fresh seeds of a candidate and of the baseline, and the decision."""
    with _face(as_json, lang, project) as face:
        from playnote.service import adopt as adoption

        found: Any = _run(adoption.adopt(_session(face), trial, seeds=up_to, workers=workers), face)
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
    face.line(view(found.comparison, face.language))
    if found.complexity.note is not None:
        face.line(found.complexity.note)
    if found.false_share is not None:
        face.line(_FALSE_SHARE.fill(share=f"{100 * found.false_share:.0f}"))


_FALSE_SHARE = Text(
    en="Of the changes adopted so far, about {share} % are expected to be no better.",
    zh="到目前为止上线的改动里，预计约有 {share} % 其实没有变好。",
)


@app.command()
def compare(
    baseline: Annotated[str, typer.Argument(help="Numbers of the baseline: FILE or FILE.csv:column.")],
    candidate: Annotated[str, typer.Argument(help="Numbers of the candidate.")],
    direction: Annotated[str | None, typer.Option("--direction", help="minimize or maximize.")] = None,
    min_effect: Annotated[float | None, typer.Option("--min-effect", help="Smallest difference that matters.")] = None,
    paired: Annotated[bool, typer.Option("--paired", help="Line i of both belongs together.")] = False,
    up_to: Annotated[int | None, typer.Option("--up-to", help="Look after every run, up to this many each.")] = None,
    history: Annotated[list[str] | None, typer.Option("--history", help="Repeats of an earlier configuration.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Two lists of numbers: is the difference real, and if undecided, what would decide."""
    with _face(as_json, lang) as face:
        from playnote.interfaces.cli.compare_view import view
        from playnote.service.compare import compare_files

        found = compare_files(
            baseline,
            candidate,
            direction=direction,
            min_effect=min_effect,
            paired=paired,
            history=history or (),
            up_to=up_to,
        )
        face.done(found.as_json(), lambda: face.line(view(found, face.language)))


@app.command()
def review(
    source: Annotated[str, typer.Argument(help="optuna.db, sqlite:///optuna.db, trials.csv or trials.jsonl.")],
    direction: Annotated[str | None, typer.Option("--direction", help="minimize or maximize.")] = None,
    min_effect: Annotated[float | None, typer.Option("--min-effect", help="Smallest difference that matters.")] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="The score's column or name.")] = None,
    scientific: Annotated[str | None, typer.Option("--scientific", help="The choice in question.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="Which study, where there are several.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Trials made elsewhere: what they show, and what they cannot."""
    with _face(as_json, lang) as face:
        from playnote.interfaces.cli.review_view import show_review
        from playnote.service import review as reviews

        said = {"direction": direction, "metric": metric, "scientific": scientific, "study": study}
        found = reviews.review(source, min_effect=min_effect, **said)
        face.done(found.as_json(), lambda: show_review(found, face))


@app.command()
def judge(
    file: Annotated[str, typer.Argument(help="Cases, one JSON a line; - for standard input.")] = "-",
    out: Annotated[str, typer.Option("--out", help="Where the verdicts go; - for standard output.")] = "-",
    lang: Lang = None,
) -> None:
    """The exchange format: cases in, verdicts out."""
    with _face(False, lang):
        from playnote.service.judge import judge_lines

        judge_lines(file, out)


@app.command()
def report(
    number: Annotated[int | None, typer.Option("--round", help="Which round (default: the latest).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.")] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """One HTML file that opens offline."""
    with _face(as_json, lang, project) as face:
        from playnote.service.report import report as write

        path = write(_session(face), number=number, out=out, language=face.language)
        face.done({"path": str(path)}, lambda: face.line(_WROTE.fill(path=path)))


_WROTE = Text(en="Report: {path}", zh="报告：{path}")


@app.command()
def rule(
    words: Annotated[list[str], typer.Argument(help="An id, a section or words, in either language.")],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """A rule's page."""
    with _face(as_json, lang) as face:
        from playnote.interfaces.cli.show import show_rules
        from playnote.service import guidance

        data = guidance.rules_about(" ".join(words))
        face.done(data, lambda: show_rules(data, face))


@app.command()
def answer(
    rule_id: Annotated[str, typer.Argument(metavar="RULE")],
    said: Annotated[str, typer.Argument(metavar="ANSWER")],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Answer a rule's question."""
    with _face(as_json, lang, project) as face:
        from playnote.service import guidance
        from playnote.service.views import verdict_view

        verdict = guidance.answer(_session(face), rule_id, said)
        face.done(verdict_view(verdict), lambda: face.line(verdict.message))


@app.command()
def waive(
    rule_id: Annotated[str, typer.Argument(metavar="RULE")],
    because: Annotated[str, typer.Option("--because", help="The reason; it is kept and shown.")],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Set a rule aside, with a reason that shows in every report."""
    with _face(as_json, lang, project) as face:
        from playnote.service import guidance

        data = guidance.waive(_session(face), rule_id, because)
        face.done(data, lambda: face.line(_WAIVED.fill(**data)))


_WAIVED = Text(en="{rule} is set aside by {actor}: {because}", zh="{actor} 豁免了 {rule}：{because}")


@app.command()
def rebuild(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """Make the cache anew from the journal and the trials' logs."""
    with _face(as_json, lang, project) as face:
        from playnote.service import keep

        data = keep.rebuild(_session(face))
        face.done(data, lambda: face.line(_REBUILT.fill(n=data["trials"], damage=len(data["damage"]))))


_REBUILT = Text(en="{n} trials in the cache; {damage} damaged places.", zh="缓存里有 {n} 个试验；损坏 {damage} 处。")


@app.command()
def doctor(
    settings: Annotated[
        bool, typer.Option("--settings", help="Every threshold, with unit, source and reason.")
    ] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The environment, the extras, the health of the record."""
    with _face(as_json, lang, project) as face:
        from playnote.projectfile.read import find_project
        from playnote.service import keep

        try:
            session = _session(face) if project or find_project() else None
        except InputError:
            session = None
        data = keep.settings_table(session) if settings else keep.doctor(session)
        face.done(data, lambda: _lines(face, data))


def _lines(face: Face, data: dict[str, Any]) -> None:
    for row in data.get("settings", []):
        face.line(f"{row['name']:<34} {row['value']:<10g} {row['unit']:<20} {row['source']:<9} {row['reason']}")
    for name, value in data.items():
        if name != "settings":
            face.line(f"{name:<26} {value}")


def _run(steps: Iterator[Any], face: Face) -> Any:
    """Watch work to its end; its last value."""
    from playnote.interfaces.cli.progress import watched

    last = None
    for step in watched(steps, face):
        last = step
    return last


def main() -> None:
    """The console script; usage errors end with exit code 2, as every input error does."""
    app()
