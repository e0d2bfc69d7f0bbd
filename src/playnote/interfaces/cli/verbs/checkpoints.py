"""`checkpoints`: what a trial kept, which of it is best by the objective, and how to load it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

if TYPE_CHECKING:
    from playnote.service.checkpoints import TrialCheckpoints


def checkpoints(
    trial: Annotated[str, typer.Argument(help=said(en="Which trial.", zh="哪个试验。"))],
    within: Annotated[
        float,
        typer.Option(
            "--within",
            help=said(
                en="Scores this near count as equal; of equals the latest is chosen.",
                zh="分数相差不超过这么多就算一样；一样的取最晚的。",
            ),
        ),
    ] = 0.0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """A trial's checkpoints, the best by the objective, and how to load it without running code from the file."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import checkpoints as keeping

        found = keeping.checkpoints(session_of(face), trial, within=within)
        face.done(found.as_json(), lambda: _told(face, found))


def _told(face: Face, found: TrialCheckpoints) -> None:
    from playnote.service.checkpoints import loading

    if not found.kept:
        face.line(_NONE.fill(trial=found.trial))
        return
    for each in found.kept:
        marks = (_BEST, each is found.best), (_LAST, each is found.last)
        said_of_it = " ".join(face.say(word) for word, holds in marks if holds)
        score = "-" if each.score is None else f"{each.score:.6g}"
        face.line(f"{each.step:>10g}  {score:>12}  {said_of_it:<10}  {each.path}")
    if found.best is None:
        face.line(_UNSCORED.fill(formula=found.formula))
    chosen = found.best or found.last
    if chosen is not None:
        face.line(_LOAD.fill(code=loading(chosen.path)))
    face.line(_FLATTERED)


_BEST, _LAST = Text(en="best", zh="最好"), Text(en="last", zh="最后")
_NONE = Text(
    en="Trial {trial} kept no checkpoint: its training code saves none. Add: trial.checkpoint(step, model.state_dict())",
    zh="试验 {trial} 没有检查点：训练代码没有保存。加上：trial.checkpoint(step, model.state_dict())",
)
_UNSCORED = Text(
    en="None can be called the best: {formula} was not logged at their steps. Log it before trial.checkpoint(step, ...).",
    zh="分不出最好的：这些步上没有记录 {formula}。请在 trial.checkpoint(step, ...) 之前记录它。",
)
_LOAD = Text(
    en="Load it (weights and plain data only, no code is run): {code}",
    zh="这样加载（只读权重和普通数据，不执行代码）：{code}",
)
_FLATTERED = Text(
    en="The best of several readings flatters itself: take its weights, but compare trials by `playnote rank`.",
    zh="从多个读数里挑最好的，读数会偏乐观：可以取它的权重，比较试验请用 `playnote rank`。",
)
