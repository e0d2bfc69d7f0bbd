"""`errors`: wrong dev examples, drawn at random and sorted by people; what each kind would gain at most."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playnote.connectors.examples import read_rows
from playnote.diagnosis.error_categories import (
    ErrorCategoriesFacts,
    answer_error_categories,
    measure_error_categories,
)
from playnote.errors import Detail, InputError, NotFoundError
from playnote.ledger import Ledger
from playnote.procedures.samples import draw, wrong_ids
from playnote.records.state import ProjectState
from playnote.service.predicted import predictions_of, refuse_other_splits
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finding_view, finite
from playnote.text import Text, same

MOST = 200
OFFERED = ("mislabelled", "other")  # people may always say so
SPLIT = "dev"
_SEPARATOR = ";"
_ASKED = Text(en="A sample of {n} was asked for.", zh="要抽 {n} 个。")
_ASK = Text(en="Ask for 1 to 200; the playbook says 100 to 200.", zh="1 到 200 之间；手册建议 100–200。")
_ALL_RIGHT = Text(en="{name} gets every dev example right.", zh="{name} 在 Dev 上一个都没错。")
_ANOTHER = Text(en="Name another trial, or --wrong-above for numbers.", zh="换一个试验；数值任务用 --wrong-above。")


def errors_sample(
    session: Session,
    source: str | None = None,
    *,
    n: int = MOST,
    above: float | None = None,
    seed: int = 0,
    out: Path | None = None,
    actor: str = PERSON,
) -> Json:
    """Draw wrong dev examples at random and write a table to sort them in.

    source  a trial that kept predictions on dev, or a file of them; by default the trial adopted last, else the best
    n       how many, 200 at most; all where there are fewer
    above   for numbers: how far off counts as wrong
    """
    if not 1 <= n <= MOST:
        raise InputError(_ASKED.fill(n=n), fix=_ASK)
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        found, name = predictions_of(state, session.home, source, SPLIT)
        refuse_other_splits(session.project, found, SPLIT)
        wrong = wrong_ids(found, above)
        if not wrong:
            raise InputError(_ALL_RIGHT.fill(name=same(name)), fix=_ANOTHER)
        number = len(state.events("errors-sampled")) + 1
        ids = draw(wrong, n, seed)
        place = out or Path(session.project.folder) / f"errors-{number}.csv"
        truth, said = found.truths(), found.answers()
        write_table(place, ("id", "label", "prediction", "tags"), [(one, truth[one], said[one], "") for one in ids])
        data = {
            "sample": number,
            "split": SPLIT,
            "trial": name,
            "ids": ids,
            "wrong": len(wrong),
            "n": len(found.ids),
            "seed": seed,
            "file": place.name,
        }
        ledger.append("errors-sampled", data)
    return {**data, "file": str(place), "offered": list(OFFERED)}


def errors_tag(session: Session, tags: Mapping[str, Sequence[str]], *, by: str = PERSON, actor: str = PERSON) -> Json:
    """Say what kinds of error examples of the last sample are; several kinds an example are allowed.

    Raises NotFoundError for ids that are not in the sample: nothing is recorded then.
    """
    with session.writing(actor) as ledger:
        sample = _sample(ledger.state(session.project))
        cleaned = {name: _cleaned(each) for name, each in tags.items()}
        _refuse_unknown(cleaned, sample)
        kept = {name: each for name, each in cleaned.items() if each}
        if not kept:
            raise InputError(_NO_TAGS, fix=_TAG)
        ledger.append("errors-tagged", {"sample": sample["sample"], "tags": kept, "by": by})
        _record(ledger, session)
    return errors_show(session)


def errors_import(session: Session, path: Path, *, by: str = PERSON, actor: str = PERSON) -> Json:
    """Tags from a table: columns `id` and `tags` (separated by semicolons); rows without tags are left out."""
    rows = read_rows(path)
    if not rows or not {"id", "tags"} <= rows[0].keys():
        raise InputError(
            Text(en="{path} has no columns `id` and `tags`.", zh="{path} 里没有 `id` 和 `tags` 两列。").fill(path=path),
            fix=Text(
                en="Fill in the table that `playnote errors sample` wrote.", zh="填 `playnote errors sample` 写出的表。"
            ),
        )
    return errors_tag(
        session, {row["id"]: row["tags"].split(_SEPARATOR) for row in rows if row["tags"].strip()}, by=by, actor=actor
    )


def errors_fixable(session: Session, category: str, share: float, *, actor: str = PERSON) -> Json:
    """Say which share of a category can be fixed; it weighs the priority."""
    if not 0 <= share <= 1:
        raise InputError(
            Text(en="The share is {share}.", zh="比例是 {share}。").fill(share=share),
            fix=Text(en="Give a share from 0 to 1.", zh="写 0 到 1 之间的比例。"),
        )
    with session.writing(actor) as ledger:
        _known(ledger.state(session.project), category)
        ledger.append("errors-fixable", {"category": category, "share": share})
    return errors_show(session)


def errors_focus(session: Session, category: str, because: str, *, actor: str = PERSON) -> Json:
    """Say which category is worked on first, and why."""
    if not because.strip():
        raise InputError(
            Text(en="A choice needs a reason.", zh="选择要写理由。"),
            fix=Text(en='Add --because "...".', zh='加上 --because "……"。'),
        )
    with session.writing(actor) as ledger:
        _known(ledger.state(session.project), category)
        ledger.append("decision", {"about": "errors", "choice": category, "because": because})
    return errors_show(session)


def errors_show(session: Session) -> Json:
    """The tally of the last sample: shares, ceilings, priorities, and whether one category leads."""
    state = session.state()
    sample = _sample(state)
    facts = error_facts(state)
    focus = [each.data for each in state.events("decision") if each.data.get("about") == "errors"]
    return {
        "sample": {key: sample[key] for key in ("sample", "split", "trial", "wrong", "n", "seed")},
        "sampled": len(sample["ids"]),
        "tagged": facts.n,
        "left": [one for one in sample["ids"] if one not in _tags(state, sample)[0]][:MOST],
        "agreement": finite(facts.agreement),
        "categories": [
            {
                "name": each.name,
                "count": each.count,
                "share": each.share,
                "interval": finite(each.interval),
                "ceiling": finite(each.ceiling),
                "ceiling_interval": finite(each.ceiling_interval),
                "largest": each.largest,
                "fixable": each.fixability,
                "priority": each.priority,
            }
            for each in facts.categories
        ],
        "focus": dict(focus[-1]) if focus else None,
        "finding": finding_view(answer_error_categories(facts, state.project.settings)),
    }


def error_facts(state: ProjectState) -> ErrorCategoriesFacts:
    """The tally of the last sample; only examples that somebody tagged count, which is a random part of the sample."""
    sample = _sample(state)
    first, second = _tags(state, sample)
    looked = [one for one in sample["ids"] if one in first]
    fixable = {str(each.data["category"]): float(str(each.data["share"])) for each in state.events("errors-fixable")}
    return measure_error_categories(
        [first[one] for one in looked],
        dev_errors=int(sample["wrong"]),
        n_dev=int(sample["n"]),
        fixability=fixable,
        second=[second.get(one, ()) for one in looked] if second else None,
    )


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A CSV that its owner alone can read: what models said of examples is nobody else's business."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    try:
        if path.exists():
            raise InputError(
                Text(en="{path} is there already.", zh="{path} 已经存在。").fill(path=path),
                fix=Text(en="Name another file with --out.", zh="用 --out 换个文件名。"),
            )
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text.getvalue())
    except OSError as error:
        raise InputError(
            Text(en="{path} cannot be written: {why}.", zh="无法写入 {path}：{why}。").fill(
                path=path, why=same(error.strerror or str(error))
            ),
            fix=Text(en="Name another file with --out.", zh="用 --out 换个文件名。"),
        ) from error


def _sample(state: ProjectState) -> Mapping[str, Any]:
    held = state.events("errors-sampled")
    if not held:
        raise NotFoundError(
            Text(en="No wrong examples were drawn yet.", zh="还没抽过错例。"),
            fix=Text(en="Draw them: `playnote errors sample`.", zh="先抽：`playnote errors sample`。"),
        )
    return held[-1].data


def _tags(state: ProjectState, sample: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Tags by id: of whoever tagged first, filled up with others', and a second person's for the agreement."""
    by: dict[str, dict[str, list[str]]] = {}
    for each in state.events("errors-tagged"):
        if each.data["sample"] == sample["sample"]:
            given: Any = each.data["tags"]
            by.setdefault(str(each.data.get("by", PERSON)), {}).update(given)
    people = list(by.values())
    if not people:
        return {}, {}
    rest = [tags for tags in people[1:] if tags]
    filled = {name: each for tags in reversed(people) for name, each in tags.items()}
    second = {name: each for tags in reversed(rest) for name, each in tags.items() if name in people[0]}
    return filled, second


def _cleaned(tags: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _refuse_unknown(tags: Mapping[str, object], sample: Mapping[str, Any]) -> None:
    known = set(sample["ids"])
    unknown = [name for name in tags if name not in known]
    if unknown:
        raise NotFoundError(
            Text(en="{n} ids are not in the sample.", zh="有 {n} 个 id 不在样本里。").fill(n=len(unknown)),
            fix=Text(
                en="Take ids from the table, or see `playnote errors show`.",
                zh="用表里的 id，或看 `playnote errors show`。",
            ),
            details=[Detail(name, name, _IN_SAMPLE, _LEAVE_OUT) for name in unknown[:20]],
        )


def _known(state: ProjectState, category: str) -> None:
    names = [each.name for each in error_facts(state).categories]
    if category not in names:
        raise NotFoundError(
            Text(en="No example carries the tag {name}.", zh="没有样本打过 {name} 这个标签。").fill(
                name=same(repr(category))
            ),
            fix=Text(en="Tags so far: {names}.", zh="已有的标签：{names}。").fill(names=same(", ".join(names) or "-")),
        )


def _record(ledger: Ledger, session: Session) -> None:
    """What the rules read of the tally."""
    state = ledger.state(session.project)
    sample, facts = _sample(state), error_facts(state)
    counts = Counter({each.name: each.count for each in facts.categories})
    top = facts.categories[0] if facts.categories else None
    ledger.append(
        "measurement",
        {
            "name": "errors",
            "result": {
                "n": facts.n,
                "categories": len(facts.categories),
                "sampled": len(sample["ids"]),
                "wrong": sample["wrong"],
                "split": SPLIT,
                "random": True,
                "other_share": counts["other"] / facts.n if facts.n else 0.0,
                "mislabelled_share": counts["mislabelled"] / facts.n if facts.n else 0.0,
                "leading": top.name if top else "",
                "leading_share": top.share if top else 0.0,
            },
            "verdict": answer_error_categories(facts, state.project.settings).label,
        },
    )


_NO_TAGS = Text(en="No tags are given.", zh="没有给标签。")
_TAG = Text(en="For instance: playnote errors tag ID blurry dark.", zh="例如：playnote errors tag ID 模糊 太暗。")
_IN_SAMPLE = Text(en="An id of the sample.", zh="样本里的 id。")
_LEAVE_OUT = Text(en="Leave it out.", zh="去掉它。")
