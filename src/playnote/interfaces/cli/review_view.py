"""A review as lines of a terminal: what was read, verdict word first, number right, evidence under it.

At most five open questions, each with its price; the others are counted.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from playnote.interfaces.cli.output import Face
from playnote.service.review import Review
from playnote.service.review_line import Line
from playnote.service.review_words import NOT_RECORDED, SAID, UNNAMED, WAYS, counted
from playnote.text import Text

_OPEN = 5
_WIDTH = 96
_PAD = 9
_WORDS = {
    "sure": Text(en="SURE", zh="确定"),
    "likely": Text(en="LIKELY", zh="多半"),
    "fine": Text(en="FINE", zh="没问题"),
}
_HEAD = Text(
    en='Study "{study}": {n} trials, {counts}. {way} (from {said}). Sampler {sampler}.',
    zh="study “{study}”：{n} 个试验，{counts}。{way}（依据：{said}）。采样器：{sampler}。",
)
_METRIC = Text(
    en="Metric: {metric}. {n} hyperparameters. {repeats}",
    zh="指标：{metric}。超参 {n} 个。{repeats}",
)
_NO_REPEATS = Text(en="Seeds and repeats: none found.", zh="没有找到换种子的重复。")
_REPEATS = Text(en="{n} configurations were run more than once.", zh="有 {n} 个配置跑过不止一次。")
_CANNOT = Text(en="CANNOT TELL", zh="说不清")
_SETTLES = Text(en="what would settle it", zh="怎么弄清")
_REST = Text(en="and {n} more (--out review.html, --json)", zh="另有 {n} 条（见 --out review.html 或 --json）")
_EFFECT = Text(
    en='You did not say what difference matters, so nothing here says "worth it" (--min-effect).',
    zh="没说差多少才算数，所以这里不谈“值不值”（--min-effect）。",
)
_NEXT = Text(en="Next: ", zh="下一步：")
_WRITTEN = {"report": Text(en="Report: ", zh="报告："), "points": Text(en="Points: ", zh="点：")}
_POINTS = Text(
    en="playnote review {asked} --write-next next_round{ending}",
    zh="playnote review {asked} --write-next next_round{ending}",
)


def show_review(
    found: Review,
    face: Face,
    written: Mapping[str, str] = MappingProxyType({}),
    options: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Print a review, and what was written beside it.

    options  what the review was asked with, by option: the command at the end asks the same
    """
    for text in _top(found):
        for row in _wrapped(face.say(text), _WIDTH):
            _write(face, row)
    _write(face)
    for line in found.lines:
        if line.word != "unknown":
            _said(line, face)
    _open(found, face)
    if found.imported.state.project.objective.min_effect is None:
        _write(face, _EFFECT)
    _write(face)
    _step(found, face, written, options)


def _step(found: Review, face: Face, written: Mapping[str, str], options: Mapping[str, object]) -> None:
    """The next step, what was written, and how to get the points."""
    lead = face.say(_NEXT)
    for at, row in enumerate(_wrapped(face.say(found.next), _WIDTH - cells(lead))):
        _write(face, (lead if at == 0 else " " * cells(lead)) + row)
    if found.step.points and "points" not in written and found.of_file:
        ending = ".py" if found.imported.state.origin == "optuna" else ".csv"
        asked = [
            found.source,
            *(f"{name} {shlex.quote(str(said))}" for name, said in options.items() if said is not None),
        ]
        asked[0] = shlex.quote(asked[0])
        _write(face, " " * cells(lead) + face.say(_POINTS.fill(asked=" ".join(asked), ending=ending)))
    for name, where in written.items():
        _write(face, face.say(_WRITTEN[name]) + where)


def _top(found: Review) -> Iterator[Text]:
    got = found.imported
    yield _HEAD.fill(
        study=got.study,
        n=len(got.state.trials),
        counts=counted(found),
        way=WAYS[got.state.project.objective.direction],
        said=SAID.get(got.said, SAID["source"]),
        sampler=got.sampler or NOT_RECORDED,
    )
    repeats = len(found.evidence.repeats)
    yield _METRIC.fill(
        metric=got.metric or UNNAMED,
        n=len(got.state.project.space),
        repeats=_REPEATS.fill(n=repeats) if repeats else _NO_REPEATS,
    )
    yield from got.left_out


def _said(line: Line, face: Face) -> None:
    word = face.say(_WORDS[line.word])
    chance = "" if line.p is None or line.word == "fine" else f"{min(line.p, 0.99):.0%}"
    room = _WIDTH - _PAD - 6
    for at, row in enumerate(_wrapped(face.say(line.text), room)):
        lead = word + " " * (_PAD - cells(word)) if at == 0 else " " * _PAD
        right = " " * max(1, room - cells(row) + 2) + chance if at == 0 and chance else ""
        _write(face, lead + row + right)
    for evidence in line.evidence:
        for row in _wrapped(face.say(evidence), room):
            _write(face, " " * _PAD + row)


def _open(found: Review, face: Face) -> None:
    unknown = [line for line in found.lines if line.word == "unknown"]
    if not unknown:
        return
    texts = [face.say(line.text) for line in unknown[:_OPEN]]
    column = min(max(map(cells, texts)), 46) + 4
    _write(face)
    head = face.say(_CANNOT)
    _write(face, head + " " * max(2, column + 2 - cells(head)) + face.say(_SETTLES))
    for line, text in zip(unknown, texts, strict=False):
        settle = _wrapped("" if line.settle is None else face.say(line.settle), _WIDTH - column)
        left = _wrapped(text, column - 2)
        for at in range(max(len(left), len(settle))):
            start = left[at] if at < len(left) else ""
            rest = settle[at] if at < len(settle) else ""
            _write(face, f"  {start}{' ' * (column - cells(start))}{rest}".rstrip())
        for evidence in line.evidence:
            _write(face, " " * 4 + face.say(evidence))
    if len(unknown) > _OPEN:
        _write(face, "  " + face.say(_REST.fill(n=len(unknown) - _OPEN)))


def _write(face: Face, row: Text | str = "") -> None:
    """One row; names from the source may hold signs that move a terminal's cursor, so those are shown as marks."""
    text = row if isinstance(row, str) else face.say(row)
    face.line("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text))


def cells(text: str) -> int:
    """Columns a text takes: Chinese characters and full-width signs take two."""
    return sum(2 if ord(sign) > 0x2E80 or sign in "“”" else 1 for sign in text)


def _wrapped(text: str, width: int) -> list[str]:
    """Rows of at most `width` columns; Chinese may break anywhere, names and numbers do not."""
    if cells(text) <= width:
        return [text]
    if all(ord(sign) <= 0x2E80 for sign in text):
        return textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    rows, row = [], ""
    for piece in _pieces(text):
        if row and cells(row + piece) > width and piece not in "，。：；、）”":
            rows.append(row.rstrip())
            row = piece.lstrip()
        else:
            row += piece
    return [*rows, row]


def _pieces(text: str) -> Iterator[str]:
    """Single wide characters, and runs of narrow ones without a space."""
    run = ""
    for sign in text:
        if ord(sign) > 0x2E80 or sign == " ":
            if run:
                yield run
            run = ""
            yield sign
        else:
            run += sign
    if run:
        yield run
