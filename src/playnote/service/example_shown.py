"""What a person sees of an example when sorting errors or checking labels: its words, its picture, what was said of it.

Pictures come from the data folder that the splits were made of, or from the project's folder; nothing outside
them is opened, however an example is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playnote.connectors.examples import read_rows
from playnote.errors import NotFoundError, PlaynoteError
from playnote.ledger.manifests import read_manifest
from playnote.records.state import ProjectState
from playnote.service.session import PERSON, Session
from playnote.service.views import Json
from playnote.text import Text, same

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
}
LARGEST_PICTURE = 8_000_000
LONGEST = 4000  # characters of an example's text
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")
_SAID = ("id", "label", "prediction", "tags", "corrected")


def error_shown(session: Session, at: int) -> Json:
    """One wrong example of the last sample, by its place: id, label, prediction, tags so far, text and picture.

    Raises NotFoundError where nothing was drawn; a place beyond the ends is brought back to the nearest.
    """
    state = session.state()
    sample = _last(state, "errors-sampled")
    ids = [str(one) for one in sample["ids"]]
    at = max(0, min(at, len(ids) - 1))
    tags = _tags(state, sample)
    row = _row(session, sample, ids[at])
    return {
        "at": at,
        "of": len(ids),
        "id": ids[at],
        "label": row.get("label"),
        "prediction": row.get("prediction"),
        "tags": tags.get(ids[at], []),
        "done": [one in tags for one in ids],
        "known": sorted({tag for each in tags.values() for tag in each}),
        **_content(session, state, ids[at], row),
    }


def label_shown(session: Session, at: int) -> Json:
    """One example of the last label sample, by its place: id, recorded label, what models said, what people said."""
    state = session.state()
    sample = _last(state, "labels-sampled")
    ids = [str(one) for key in ("disagreements", "random", "suspects") for one in sample.get(key, ())]
    ids = list(dict.fromkeys(ids))
    at = max(0, min(at, len(ids) - 1))
    held = read_manifest(session.home, str(sample["manifest"]))
    given: dict[str, str] = {}
    for each in state.events("labels-audited"):
        if each.data["sample"] == sample["sample"]:
            labels: Any = each.data["labels"]
            unclear: Any = each.data.get("unclear", ())
            given |= {**labels, **dict.fromkeys(unclear, "?")}
    return {
        "at": at,
        "of": len(ids),
        "id": ids[at],
        "label": held["truth"].get(ids[at]),
        "group": held.get("group", {}).get(ids[at]),
        "said": [held[name].get(ids[at]) for name in ("first", "second") if name in held],
        "given": given.get(ids[at]),
        "done": [one in given for one in ids],
        "known": sorted(set(held["truth"].values()))[:30],
        **_content(session, state, ids[at], {}),
    }


def picture_of(session: Session, name: str) -> tuple[Path, str]:
    """The file and media type of an example's picture. Raises NotFoundError for what is in no sample or no picture."""
    state = session.state()
    if name not in _drawn(state):
        raise _no_picture(name)
    found = _picture(session, state, name)
    if found is None:
        raise _no_picture(name)
    return found, PICTURES[found.suffix.lower()]


def _drawn(state: ProjectState) -> set[str]:
    found: set[str] = set()
    for kind, keys in (("errors-sampled", ("ids",)), ("labels-sampled", ("disagreements", "random", "suspects"))):
        for event in state.events(kind)[-1:]:
            for key in keys:
                ids: Any = event.data.get(key, ())
                found |= {str(one) for one in ids}
    return found


def _content(session: Session, state: ProjectState, name: str, row: Mapping[str, str]) -> Json:
    """The example's text (other columns of its table) and whether there is a picture."""
    words = {key: value for key, value in row.items() if key not in _SAID and value}
    words = words or _words(session, state, name)
    cut = {key: value[:LONGEST] + ("…" if len(value) > LONGEST else "") for key, value in words.items()}
    return {"text": cut, "picture": _picture(session, state, name) is not None}


def _words(session: Session, state: ProjectState, name: str) -> dict[str, str]:
    """Columns of the table the splits were made of, for this example."""
    for place, columns in _data(session, state):
        column = columns.get("id")
        if place.suffix.lower() not in _TABLES or not place.is_file():
            continue
        try:
            rows = read_rows(place)
        except PlaynoteError:
            continue
        for number, row in enumerate(rows):
            if (row.get(column, "").strip() if column else str(number)) == name:
                return {key: value for key, value in row.items() if key != column and value}
    return {}


def _picture(session: Session, state: ProjectState, name: str) -> Path | None:
    roots = [place for place, _ in _data(session, state) if place.is_dir()]
    for root in (*roots, Path(session.project.folder)):
        found = inside(root, name)
        if found is not None and found.suffix.lower() in PICTURES and found.stat().st_size <= LARGEST_PICTURE:
            return found
    return None


def inside(root: Path, name: str) -> Path | None:
    """The file of this name under a folder; None for one that is not there, or leads out of it."""
    if not name or "\0" in name or Path(name).is_absolute():
        return None
    try:
        top, found = root.resolve(), (root / name).resolve()
        return found if found.is_relative_to(top) and found.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _data(session: Session, state: ProjectState) -> list[tuple[Path, Mapping[str, str]]]:
    """Where the examples stand: of the latest split or audit that named it."""
    found = []
    for event in reversed(state.events("splits-made", "splits-audited")):
        data, columns = event.data.get("data"), event.data.get("columns")
        if isinstance(data, str) and data:
            place = Path(session.project.folder) / data
            found.append((place, columns if isinstance(columns, Mapping) else {}))
    return found[:1]


def _row(session: Session, sample: Mapping[str, Any], name: str) -> dict[str, str]:
    """The example's row in the table that was written for the sample; empty where the table is gone."""
    file = inside(Path(session.project.folder), str(sample.get("file") or ""))
    if file is None:
        return {}
    try:
        return next((row for row in read_rows(file) if row.get("id") == name), {})
    except PlaynoteError:
        return {}


def _tags(state: ProjectState, sample: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for event in state.events("errors-tagged"):
        if event.data["sample"] == sample["sample"] and event.data.get("by", PERSON) == PERSON:
            given: Any = event.data["tags"]
            found |= given
    return found


def _last(state: ProjectState, kind: str) -> Mapping[str, Any]:
    held = state.events(kind)
    if not held:
        raise NotFoundError(
            Text(en="No examples were drawn yet.", zh="还没抽过样本。"),
            fix=Text(en="Draw them first.", zh="先抽样。"),
        )
    return held[-1].data


def _no_picture(name: str) -> NotFoundError:
    return NotFoundError(
        Text(en="There is no picture of {name}.", zh="没有 {name} 的图片。").fill(name=same(repr(name[:80]))),
        fix=Text(en="Name an example of the sample.", zh="写样本里的一个 id。"),
    )
