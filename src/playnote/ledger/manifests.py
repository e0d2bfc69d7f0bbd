"""Manifests of splits: every id with the key of its content, so that a later change can be named.

One compressed file each, named after its own SHA-256 and readable by its owner alone; the journal's event names the file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playnote.errors import LedgerError
from playnote.ledger.trouble import cannot_write
from playnote.text import Text, same

Manifest = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """How a split differs from its manifest: ids that came, that went, and whose content is another now."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered)


def write_manifest(home: Path, manifest: Manifest) -> str:
    """Keep a manifest (split -> id -> key); its name. Raises LedgerError where it cannot be written."""
    data = json.dumps({name: dict(sorted(ids.items())) for name, ids in sorted(manifest.items())}).encode()
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.json.gz"
    place = home / "manifests" / name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{name}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(gzip.compress(data, 6, mtime=0))
        draft.replace(place)
    except OSError as error:
        raise cannot_write(place, error) from error
    return name


def read_manifest(home: Path, name: str) -> dict[str, dict[str, str]]:
    """A manifest by its name. Raises LedgerError where it is missing, damaged or not what its name says."""
    place = home / "manifests" / name
    try:
        data = gzip.decompress(place.read_bytes())
        if f"{hashlib.sha256(data).hexdigest()[:32]}.json.gz" == name:
            return {split: dict(ids) for split, ids in json.loads(data).items()}
        why = "SHA-256"
    except (OSError, EOFError, ValueError) as error:
        why = str(error)
    raise LedgerError(
        Text(en="The manifest {path} cannot be read: {why}.", zh="划分清单 {path} 读不出来：{why}。").fill(
            path=same(str(place)), why=same(why)
        ),
        fix=Text(en="Audit the splits again: `playnote data audit`.", zh="重新审计划分：`playnote data audit`。"),
    )


def changes(before: Manifest, now: Manifest) -> dict[str, Change]:
    """By split, what is not as it was; an empty key (content not looked at) alters nothing."""
    found = {}
    for name in dict.fromkeys((*before, *now)):
        old, new = before.get(name, {}), now.get(name, {})
        altered = [each for each in old if new.get(each) and old[each] and new[each] != old[each]]
        change = Change(
            tuple(each for each in new if each not in old),
            tuple(each for each in old if each not in new),
            tuple(altered),
        )
        if change:
            found[name] = change
    return found
