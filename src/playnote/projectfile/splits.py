"""Splits: their sources, the ids of their examples, a fingerprint of each, and no id in two of them.

An id file holds one id a line; empty lines do not count. The fingerprint is SHA-256 over the
sorted ids, joined by line feeds, in UTF-8: the order in the file does not matter.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from playnote.projectfile.drafts import SplitDraft
from playnote.projectfile.structure import Faults, draft
from playnote.records.project import Split
from playnote.space.showing import instead_of, one_of, shown
from playnote.text import Text, same

SPLITS = ("train", "train_dev", "dev", "test")
_SHOWN = 3  # ids quoted in a message


def read_splits(raw: Mapping[str, Any], folder: Path, faults: Faults) -> tuple[dict[str, Split], str | None]:
    """The splits by name, and the source the model will meet ("deployment")."""
    splits: dict[str, Split] = {}
    ids: dict[str, frozenset[str]] = {}
    for name, entry in raw.items():
        if name == "deployment":
            continue
        if name not in SPLITS:
            known = (*SPLITS, "deployment")
            faults.add(f"splits.{name}", shown(name), one_of(known), instead_of(name, known))
            continue
        read = draft(SplitDraft, entry, f"splits.{name}", faults)
        ids[name] = _ids(read.ids, folder, f"splits.{name}.ids", faults)
        splits[name] = Split(
            name=name,
            source=read.source,
            ids=read.ids,
            n=len(ids[name]) or None,
            fingerprint=fingerprint(ids[name]) if ids[name] else None,
            logged_as=read.logged_as,
        )
    _overlaps(ids, faults)
    _prefixes(splits, faults)
    return splits, _deployment(raw.get("deployment"), faults)


def fingerprint(ids: frozenset[str]) -> str:
    """SHA-256 over the sorted ids, 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def listed_ids(folder: Path | str, name: str) -> list[str]:
    """The ids in a file that a project was read with, in their order."""
    lines = (Path(folder) / name).read_text(encoding="utf-8-sig").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _ids(name: str | None, folder: Path, path: str, faults: Faults) -> frozenset[str]:
    if name is None:
        return frozenset()
    file = folder / name
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        faults.add(path, f"{shown(name)} ({error.strerror})", _A_FILE, _put_file(name))
        return frozenset()
    except UnicodeDecodeError as error:
        faults.add(path, f"{shown(name)}, byte {error.start}", _UTF8, _SAVE_UTF8)
        return frozenset()
    listed = [line.strip() for line in lines if line.strip()]
    found = frozenset(listed)
    if not found:
        faults.add(path, f"{shown(name)}, 0 ids", _A_FILE, Text(en="Write the ids into it.", zh="把 id 写进去。"))
    if len(found) < len(listed):
        counts = Counter(listed)
        twice = [each for each in counts if counts[each] > 1]
        faults.add(path, f"{shown(name)}: {_few(twice)}", _ONCE, _UNIQUE)
    return found


def _few(ids: list[str]) -> str:
    more = f" ... ({len(ids)})" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


_A_FILE = Text(en="A text file with one id a line.", zh="文本文件，每行一个 id。")
_UTF8 = Text(en="Text in UTF-8.", zh="UTF-8 文本。")
_SAVE_UTF8 = Text(en="Save the file as UTF-8.", zh="把文件另存为 UTF-8。")
_ONCE = Text(en="Each id once.", zh="每个 id 只出现一次。")
_UNIQUE = Text(en="Remove the repeated ids: sort -u does it.", zh="删掉重复的 id，可用 sort -u。")


def _put_file(name: str) -> Text:
    return Text(en="Write the ids to {name}, or correct the path.", zh="把 id 写到 {name}，或改正路径。").fill(
        name=name
    )


def _overlaps(ids: Mapping[str, frozenset[str]], faults: Faults) -> None:
    for first, second in combinations(ids, 2):
        both = sorted(ids[first] & ids[second])
        if both:
            faults.add(
                f"splits.{second}.ids",
                f"{first} ∩ {second}: {_few(both)}",
                Text(en="No id in two splits.", zh="一个 id 只能在一个划分里。"),
                Text(
                    en="Remove these ids from {first} or from {second}.", zh="把这些 id 从 {first} 或 {second} 里删掉。"
                ).fill(first=first, second=second),
            )


def _prefixes(splits: Mapping[str, Split], faults: Faults) -> None:
    seen: dict[str, str] = {}
    for name, split in splits.items():
        prefix = split.logged_as or name
        if prefix in seen:
            faults.add(
                f"splits.{name}.logged_as",
                shown(prefix),
                Text(en="A prefix that {other} does not use.", zh="{other} 没用过的前缀。").fill(other=seen[prefix]),
                Text(en="Log the two splits under different names.", zh="两个划分用不同的名字记录。"),
            )
        seen[prefix] = name


def _deployment(value: object, faults: Faults) -> str | None:
    if value is None or isinstance(value, str):
        return value
    faults.add(
        "splits.deployment",
        shown(value),
        Text(en="The name of a source, in quotes.", zh="来源的名字，要加引号。"),
        same('deployment = "line"'),
    )
    return None
