"""`labels`: labels checked by people: disagreements of two models first, and a random part of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playnote.connectors.examples import Columns, read_examples, read_rows
from playnote.errors import Detail, InputError, NotFoundError
from playnote.ledger import Ledger
from playnote.ledger.manifests import read_manifest, write_manifest
from playnote.ledger.predictions import Predictions, kept_predictions, word
from playnote.procedures.attempts import milestone_of
from playnote.procedures.label_suspects import label_suspects
from playnote.procedures.samples import LabelSample, label_sample
from playnote.projectfile.splits import listed_ids
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.service.error_analysis import write_table
from playnote.service.label_tally import Tally, result_of, tally, view_of
from playnote.service.predicted import logged_as, predictions_of, refuse_other_splits
from playnote.service.session import PERSON, Session
from playnote.service.views import Json
from playnote.text import Text, same

__all__ = ["Columns", "labels_import", "labels_mark", "labels_relabelled", "labels_sample", "labels_show"]

SPLITS = ("dev", "test", "train", "train_dev")
UNCLEAR = "?"


def labels_sample(
    session: Session,
    split: str,
    *,
    models: Sequence[str] = (),
    data: Path | None = None,
    columns: Columns | None = None,
    disagreements: int | None = None,
    random: int | None = None,
    suspects: int = 0,
    key: Sequence[str] = (),
    seed: int = 0,
    out: Path | None = None,
    actor: str = PERSON,
) -> Json:
    """Draw examples whose labels are to be checked, and write a table to check them in.

    models    none, one or two: trials that kept predictions on the split, or files; of dev, by default the best two
    data      where labels (and groups) stand, for splits without predictions; `columns` names id and label
    suspects  how many of the likeliest wrong ones by the first model's probabilities come on top (needs cleanlab)
    key       classes or groups in which wrong labels would matter most
    """
    settings = session.project.settings
    _refuse_unknown_split(split)
    with session.writing(actor) as ledger:
        state = ledger.state(session.project)
        found = _models(session, state, split, models)
        truths, groups = _truths(session.project, split, found, data, columns)
        pair = [each for each, _ in found[:2]]
        drawn = label_sample(
            list(truths),
            truths,
            [each.answers() for each in pair],
            disagreements=int(settings["label_noise.audit"]) if disagreements is None else disagreements,
            random=int(settings["labels.random"]) if random is None else random,
            seed=seed,
            suspects=label_suspects(pair[0], suspects) if suspects and pair else (),
        )
        number = len(state.events("labels-sampled")) + 1
        place = out or Path(session.project.folder) / f"labels-{number}.csv"
        write_table(place, ("id", "label", "corrected"), [(one, truths[one], "") for one in drawn.all])
        event = {
            "sample": number,
            "split": split,
            "seed": seed,
            "n": len(truths),
            "models": [name for _, name in found[:2]],
            **{key: list(value) for key, value in asdict(drawn).items()},
            "key": list(key),
            "file": place.name,
            "manifest": write_manifest(session.home, _held(drawn, truths, groups, pair)),
        }
        ledger.append("labels-sampled", event)
    return {**event, "file": str(place), "count": len(drawn.all)}


def _refuse_unknown_split(split: str) -> None:
    if split not in SPLITS:
        raise InputError(
            Text(en="There is no split {split}.", zh="没有 {split} 这个划分。").fill(split=same(repr(split))),
            fix=Text(en="Name one of {known}.", zh="可选：{known}。").fill(known=same(", ".join(SPLITS))),
        )


def _models(session: Session, state: ProjectState, split: str, models: Sequence[str]) -> list[tuple[Predictions, str]]:
    """Predictions of the named models, or of the contenders; none of another split's examples."""
    _refuse_test_models(state, split, models)
    found = [predictions_of(state, session.home, each, split) for each in models or _contenders(state, split)]
    for each, _ in found:
        refuse_other_splits(session.project, each, split)
    return found


def labels_import(session: Session, path: Path, *, by: str = PERSON, actor: str = PERSON) -> Json:
    """Checked labels from a table: columns `id` and `corrected`; "?" is unclear, empty is not looked at."""
    rows = read_rows(path)
    if not rows or not {"id", "corrected"} <= rows[0].keys():
        raise InputError(
            Text(en="{path} has no columns `id` and `corrected`.", zh="{path} 里没有 `id` 和 `corrected` 两列。").fill(
                path=path
            ),
            fix=Text(
                en="Fill in the table that `playnote labels sample` wrote.", zh="填 `playnote labels sample` 写出的表。"
            ),
        )
    given = {row["id"]: row["corrected"].strip() for row in rows if row["corrected"].strip()}
    return labels_mark(session, given, by=by, actor=actor)


def labels_mark(session: Session, given: Mapping[str, str], *, by: str = PERSON, actor: str = PERSON) -> Json:
    """What the labels of examples of the last sample should be ("?" where nobody can tell)."""
    with session.writing(actor) as ledger:
        sample = _sample(ledger.state(session.project))
        known = {*sample["disagreements"], *sample["random"], *sample.get("suspects", ())}
        unknown = [name for name in given if name not in known]
        if unknown or not given:
            raise NotFoundError(
                Text(en="{n} ids are not in the sample.", zh="有 {n} 个 id 不在样本里。").fill(n=len(unknown))
                if unknown
                else Text(en="No checked label is given.", zh="没有给核对过的标签。"),
                fix=Text(en="Take ids from the table of the sample.", zh="用样本表里的 id。"),
                details=[Detail(name, name, _IN_SAMPLE, _LEAVE_OUT) for name in unknown[:20]],
            )
        labels = {name: word(label) for name, label in given.items() if label != UNCLEAR}
        unclear = [name for name, label in given.items() if label == UNCLEAR]
        ledger.append("labels-audited", {"sample": sample["sample"], "labels": labels, "unclear": unclear, "by": by})
        _record(ledger, session)
    return labels_show(session)


def labels_relabelled(session: Session, split: str, n: int, how: str, *, actor: str = PERSON) -> Json:
    """Say that a split was labelled anew: how many labels changed, and by what process."""
    if split not in SPLITS or n < 0 or not how.strip():
        raise InputError(
            Text(en="A relabelling needs a split, a count and the process.", zh="重新标注要写划分、个数和流程。"),
            fix=Text(
                en='For instance: playnote labels relabelled dev 12 --how "two people, a third decides".',
                zh='例如：playnote labels relabelled dev 12 --how "两人标注，第三人裁定"。',
            ),
        )
    with session.writing(actor) as ledger:
        ledger.append("labels-relabelled", {"split": split, "n": n, "how": how})
        ledger.append("measurement", {"name": "labels", "result": {"split": split, "relabelled": True, "how": how}})
    return {"split": split, "n": n, "how": how}


def labels_show(session: Session) -> Json:
    """What the last audit found: share of wrong labels, whether they decide, whether they come in clusters."""
    return view_of(_tally(session, session.state()), session.project.settings)


def _tally(session: Session, state: ProjectState) -> Tally:
    sample = _sample(state)
    return tally(state, sample, read_manifest(session.home, str(sample["manifest"])))


def _record(ledger: Ledger, session: Session) -> None:
    """What the rules read of the audit."""
    found = _tally(session, ledger.state(session.project))
    result, verdict = result_of(found, session.project.settings)
    ledger.append("measurement", {"name": "labels", "result": result, "verdict": verdict})


def _sample(state: ProjectState) -> Mapping[str, Any]:
    held = state.events("labels-sampled")
    if not held:
        raise NotFoundError(
            Text(en="No labels were drawn for an audit yet.", zh="还没抽过要核对的标签。"),
            fix=Text(en="Draw them: `playnote labels sample dev`.", zh="先抽：`playnote labels sample dev`。"),
        )
    return held[-1].data


def _refuse_test_models(state: ProjectState, split: str, models: Sequence[str]) -> None:
    """Two models against each other on test are a reading of test."""
    if split == "test" and models and not state.events("test-read"):
        raise InputError(
            Text(
                en="Models on the test split: that reads it, and no milestone was read.",
                zh="拿模型去对照测试集就是读测试集，而现在没有读过的里程碑。",
            ),
            fix=Text(
                en="Audit a random part: `playnote labels sample test --data FILE --id ID --label LABEL`.",
                zh="先随机核对一部分：`playnote labels sample test --data 文件 --id 列 --label 列`。",
            ),
        )


def _contenders(state: ProjectState, split: str) -> list[str]:
    """The best two configurations with predictions on dev: whose order is worth checking."""
    if split != "dev":
        return []
    scored = [
        (state.project.objective.sign * score, each)
        for each in state.trials
        if kept_predictions(each, split, logged_as(state.project, split))
        and milestone_of(each.study) is None
        and each.id in state.readings
        and (score := state.readings[each.id].score) is not None
    ]
    found: list[Any] = []
    for _, each in sorted(scored, key=lambda pair: (pair[0], pair[1].id)):
        if all(dict(each.configuration) != dict(other.configuration) for other in found):
            found.append(each)
    return [each.id for each in found[:2]]


def _truths(
    project: Project,
    split: str,
    found: Sequence[tuple[Predictions, str]],
    data: Path | None,
    columns: Columns | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Recorded label and group by id."""
    if data is not None:
        examples = read_examples(data, columns or Columns())
        declared = project.splits[split].ids if split in project.splits else None
        if declared is not None:
            examples = examples.named(listed_ids(project.folder, declared))
        if examples.label is not None and len(examples):
            groups = dict(zip(examples.ids, examples.group or (), strict=False))
            return dict(zip(examples.ids, map(word, examples.label), strict=True)), groups
    elif found and found[0][0].labels is not None:
        return found[0][0].truths(), {}
    raise InputError(
        Text(en="The labels of {split} are not known.", zh="不知道 {split} 的标签。").fill(split=same(split)),
        fix=Text(
            en="Say where they stand: --data FILE --id COLUMN --label COLUMN, or keep predictions with labels.",
            zh="说明在哪里：--data 文件 --id 列 --label 列；或者让试验保存带标签的预测。",
        ),
    )


def _held(
    drawn: LabelSample, truths: Mapping[str, str], groups: Mapping[str, str], models: Sequence[Predictions]
) -> dict[str, dict[str, str]]:
    held = {"truth": {one: truths[one] for one in drawn.all}}
    if groups:
        held["group"] = {one: groups[one] for one in drawn.all if one in groups}
    for name, model in zip(("first", "second"), models, strict=False):
        answers = model.answers()
        held[name] = {one: answers[one] for one in drawn.all if one in answers}
    return held


_IN_SAMPLE = Text(en="An id of the sample.", zh="样本里的 id。")
_LEAVE_OUT = Text(en="Leave it out.", zh="去掉它。")
