"""`data`: cutting a data set into splits, auditing them, and finding what changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.examples import Columns, read_examples
from playnote.diagnosis.shift import answer_shift, measure_shift
from playnote.errors import InputError
from playnote.ledger.manifests import changes, read_manifest, write_manifest
from playnote.procedures.audit_splits import SplitAudit, audit_splits
from playnote.procedures.make_splits import Cut, Wish, carve_train_dev, make_splits, smallest_gap, train_differs
from playnote.projectfile.edit import edit
from playnote.projectfile.splits import fingerprint, listed_ids
from playnote.records.examples import Examples
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finding_view, finite
from playnote.text import Text

__all__ = ["Columns", "Wish", "data_audit", "data_make"]

FILE = "playnote.toml"
_SHOWN = 5
_LABELS = 100  # different labels up to which they are counted
Splits = dict[str, Examples]


def data_make(
    session: Session,
    data: Path,
    columns: Columns,
    wish: Wish,
    *,
    replace_files: bool = False,
    actor: str = PERSON,
) -> Json:
    """Cut the data, write the id files, enter them in the project file, and record how.

    Train-Dev is held out where Train holds another source than deployment or, without sources, where a classifier tells
    Train from Dev. Raises InputError where id files are there already, unless they may be replaced.
    """
    examples = read_examples(data, columns)
    _refuse_existing(session.project, replace_files)
    wish = replace(wish, deployment=wish.deployment or _declared(session.project, examples))
    cut = make_splits(examples, wish)
    differs, why = _train_differs(session, examples, cut, wish)
    cut = carve_train_dev(examples, cut, wish) if differs else cut
    splits = {name: examples.take(rows) for name, rows in cut.rows.items()}
    _write(session, splits, wish.deployment)
    notes = [*cut.notes, why, _gap_note(splits)]
    with session.writing(actor) as ledger:
        found: Json = {
            "splits": _described(splits),
            "how": {key: value for key, value in asdict(wish).items() if key != "seed"} | {"carved": differs},
            "seed": wish.seed,
            "data": str(data.absolute()),
            "columns": asdict(columns),
            "manifest": write_manifest(session.home, _manifest(splits)),
            "notes": [note.as_json() for note in notes],
        }
        ledger.append("splits-made", found)
    return found


def data_audit(
    session: Session,
    data: Path | None = None,
    columns: Columns | None = None,
    *,
    deployment: Path | None = None,
    seed: int = 0,
    actor: str = PERSON,
) -> Json:
    """Audit the declared splits, and record it. Without `data`, the data that were last cut or audited."""
    state = session.state()
    before = _before(state)
    data, columns = _where(data, columns, before)
    examples = read_examples(data, columns)
    ids = split_ids(session.project)
    splits = {name: examples.named(each) for name, each in ids.items()}
    unseen = {name: len(each) - len(splits[name]) for name, each in ids.items() if len(splits[name]) < len(each)}
    if all(not len(each) for each in splits.values()):
        raise InputError(_NO_MATCH.fill(data=data, one=repr(next(iter(ids.values()))[0])), fix=_ID_COLUMN)
    sample = None if deployment is None else replace(read_examples(deployment, columns_of(columns)), label=None)
    seen = {name: each for name, each in splits.items() if len(each)}
    audit = audit_splits(seen, sample, seed=seed, settings=session.project.settings)
    manifest = {name: {**dict.fromkeys(ids[name], ""), **_keys(splits[name])} for name in ids}
    found: Json = {
        "splits": _described(splits),
        "overlap": _overlap_view(audit),
        "shifts": [_shift_view(*each) for each in audit.shifts.values()],
        "changed": _changed(session, before, manifest),
        "unseen": unseen,
        "data": str(data.absolute()),
        "columns": asdict(columns),
        "seed": seed,
    }
    with session.writing(actor) as ledger:
        ledger.append("splits-audited", {**found, "manifest": write_manifest(session.home, manifest)})
    findings = [finding for _, finding in audit.shifts.values()]
    return {**found, "findings": [finding_view(each) for each in (audit.overlap_finding, *findings)]}


def columns_of(columns: Columns) -> Columns:
    """Columns of a deployment sample: it has no labels or sources that need be named."""
    return replace(columns, label=None, source=None, id=None, time=None, group=None, ignore=_about(columns))


def _about(columns: Columns) -> tuple[str, ...]:
    return (*columns.ignore, *columns.about.values())


def _declared(project: Project, examples: Examples) -> str | None:
    """The project's own deployment source, where the data know it."""
    return project.deployment if project.deployment in (examples.source or ()) else None


def _refuse_existing(project: Project, may_replace: bool) -> None:
    held = [split.ids for split in project.splits.values() if split.ids]
    if held and not may_replace:
        raise InputError(
            Text(en="The project has splits already: {files}.", zh="项目里已经有划分了：{files}。").fill(
                files=", ".join(held)
            ),
            fix=Text(
                en="Audit them: `playnote data audit`. To cut anew, and give up comparing with earlier trials: --replace.",
                zh="先审计：`playnote data audit`。要重新切（之前的试验就不能再比了）：加 --replace。",
            ),
        )


def _train_differs(session: Session, examples: Examples, cut: Cut, wish: Wish) -> tuple[bool, Text]:
    by_source = train_differs(examples, cut, wish.deployment)
    if by_source is not None:
        return by_source, _OTHER_SOURCE if by_source else _SAME_SOURCE
    train, dev = examples.take(cut.rows["train"]), examples.take(cut.rows["dev"])
    settings = session.project.settings
    facts = measure_shift(train, dev, rng=np.random.default_rng([wish.seed, 2]), most=int(settings["shift.most"]))
    found = answer_shift(facts, settings)
    if found.label == "yes":
        return True, _TOLD_APART.fill(auc="-" if facts.auc is None else f"{facts.auc:.2f}")
    return False, _NOT_APART


def _gap_note(splits: Splits) -> Text:
    n = len(splits["dev"])
    return _GAP.fill(n=n, gap=f"{smallest_gap(n):.3f}")


def _write(session: Session, splits: Splits, deployment: str | None) -> None:
    """The id files, then the project file; a split's declared name in the logs stays."""
    folder = Path(session.project.folder)
    (folder / "splits").mkdir(parents=True, exist_ok=True)
    changes_: dict[str | tuple[str, ...], Any] = {}
    for name, each in splits.items():
        place = folder / "splits" / f"{name}.txt"
        place.write_text("".join(f"{one}\n" for one in each.ids), encoding="utf-8")
        entry: dict[str, Any] = {"source": _source(each), "ids": f"splits/{name}.txt"}
        old = session.project.splits.get(name)
        entry |= {"logged_as": old.logged_as} if old is not None and old.logged_as else {}
        changes_["splits", name] = {key: value for key, value in entry.items() if value is not None}
    if "train_dev" in session.project.splits and "train_dev" not in splits:
        changes_["splits", "train_dev"] = None
    if deployment is not None:
        changes_["splits", "deployment"] = deployment
    edit(folder / FILE, changes_)


def _source(examples: Examples) -> str | None:
    if examples.source is None:
        return None
    return "+".join(name for name, _ in Counter(examples.source).most_common(_SHOWN))


def _described(splits: Mapping[str, Examples]) -> Json:
    return {
        name: {
            "n": len(each),
            "fingerprint": fingerprint(frozenset(each.ids)),
            "content": fingerprint(frozenset(f"{one} {key}" for one, key in zip(each.ids, each.keys, strict=True))),
            "sources": _counts(each.source),
            "labels": _counts(each.label),
        }
        for name, each in splits.items()
    }


def _counts(words: Sequence[str] | None) -> dict[str, int] | None:
    found = Counter(words or ())
    return dict(sorted(found.items())) if 0 < len(found) <= _LABELS else None


def _keys(examples: Examples) -> dict[str, str]:
    return dict(zip(examples.ids, examples.keys, strict=True))


def _manifest(splits: Splits) -> dict[str, dict[str, str]]:
    return {name: _keys(each) for name, each in splits.items()}


def _before(state: ProjectState) -> Mapping[str, Any] | None:
    """The last event that knows the splits."""
    held = state.events("splits-made", "splits-audited")
    return held[-1].data if held else None


def _where(data: Path | None, columns: Columns | None, before: Mapping[str, Any] | None) -> tuple[Path, Columns]:
    if data is not None:
        return data, columns or Columns()
    if before is None or not before.get("data"):
        raise InputError(
            Text(en="Nothing tells where the data are.", zh="不知道数据在哪里。"),
            fix=Text(
                en="Name them once: `playnote data audit DATA --id COLUMN`.",
                zh="先指一次：`playnote data audit 数据 --id 列名`。",
            ),
        )
    held = {key: value for key, value in before["columns"].items() if key != "ignore"}
    return Path(str(before["data"])), Columns(**held, ignore=tuple(before["columns"].get("ignore", ())))


def split_ids(project: Project) -> dict[str, list[str]]:
    """Ids by split, in the order of the files."""
    found = {name: listed_ids(project.folder, split.ids) for name, split in project.splits.items() if split.ids}
    if not found:
        raise InputError(
            Text(en="No split declares its ids.", zh="没有划分写明 ids。"),
            fix=Text(en="Make splits: `playnote data make DATA`.", zh="先切划分：`playnote data make 数据`。"),
        )
    return found


def _overlap_view(audit: SplitAudit) -> Json:
    facts = audit.overlap
    near = facts.near
    pairs = [*facts.across] or list(combinations(facts.n, 2))
    return {
        "label": audit.overlap_finding.label,
        "within": {name: len(each) for name, each in facts.within.items()},
        "across": {"&".join(pair): len(facts.across[pair]) for pair in pairs},
        "near": None if near is None else {"&".join(pair): len(near[pair]) for pair in pairs},
        "groups": {"&".join(pair): len(each) for pair, each in audit.groups.items()},
        "late": audit.late,
        "examples": {
            "&".join(pair): [list(each) for each in (*facts.across[pair], *(near or {}).get(pair, ()))][:_SHOWN]
            for pair in pairs
        },
    }


def _shift_view(facts: Any, finding: Any) -> Json:
    return {
        **{key: finding.target[key] for key in ("first", "second")},
        "label": finding.label,
        "auc": finite(facts.auc),
        "interval": finite(facts.interval),
        "p_content": facts.p_content,
        "p_labels": facts.p_labels,
        "n": list(facts.n),
        "units": list(facts.units),
        "telling": list(facts.telling),
        "missing": [text.as_json() for text in finding.missing],
    }


def _changed(session: Session, before: Mapping[str, Any] | None, now: Mapping[str, Mapping[str, str]]) -> Json:
    if before is None or not before.get("manifest"):
        return {}
    found = changes(read_manifest(session.home, str(before["manifest"])), now)
    return {
        name: {"added": len(each.added), "removed": len(each.removed), "altered": len(each.altered)}
        for name, each in found.items()
    }


_NO_MATCH = Text(
    en="No id of the splits is found in {data}; the first one looked for is {one}.",
    zh="在 {data} 里一个划分的 id 都没找到；比如找的是 {one}。",
)
_ID_COLUMN = Text(
    en="Name the column of the ids: --id COLUMN (without it, ids are row numbers from 0).",
    zh="用 --id 指出 id 那一列（不写就是从 0 开始的行号）。",
)
_OTHER_SOURCE = Text(
    en="Train holds other sources than deployment: a Train-Dev was held out of it.",
    zh="Train 里有部署以外的来源：已从 Train 里留出 Train-Dev。",
)
_SAME_SOURCE = Text(
    en="Train comes from deployment like Dev: no Train-Dev is needed.",
    zh="Train 和 Dev 一样来自部署分布：不需要 Train-Dev。",
)
_TOLD_APART = Text(
    en="A classifier tells Train from Dev (AUC {auc}): a Train-Dev was held out.",
    zh="分类器分得出 Train 和 Dev（AUC {auc}）：已留出 Train-Dev。",
)
_NOT_APART = Text(
    en="No difference between Train and Dev was found: no Train-Dev was held out.",
    zh="没看出 Train 和 Dev 有差别：没有留 Train-Dev。",
)
_GAP = Text(
    en="Two models on a Dev of {n} each: from a gap of {gap} on it is seen four times in five (at an error of 5 %).",
    zh="Dev 有 {n} 个样本：错误率 5 % 时，差 {gap} 以上才有八成机会看出来。",
)
