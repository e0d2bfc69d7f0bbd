"""Checkpoints of a trial: the best few by the objective, and the last; written whole or not at all.

A state of plain JSON data is kept as JSON, bytes as they are, anything else with torch (imported only
then) and read back with `weights_only=True`, so that loading a checkpoint runs no code.
"""

from __future__ import annotations

import importlib
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, final

from playnote.errors import InputError, LedgerError
from playnote.recorder.card import TrialCard
from playnote.recorder.formula import parse
from playnote.text import Text, same

INDEX = "checkpoints.json"


@final
class Checkpoints:
    """The checkpoints of one trial, across its attempts; the index in the folder is the truth."""

    def __init__(self, folder: Path, card: TrialCard, put: Callable[[dict[str, object]], None]) -> None:
        self._folder, self._card, self._put = folder, card, put
        self._formula = parse(card.objective) if card.objective else None

    def save(self, step: float, state: Any, metrics: Mapping[str, float]) -> None:
        """Write one, then drop those that are neither among the best nor the last."""
        score = self._formula.evaluate(metrics) if self._formula else None
        ending, write = _how(state)
        name = f"attempt-{self._card.attempt}-step-{step:g}{ending}"
        _whole(self._folder / name, write)
        entry = {"file": name, "step": step, "score": score, "attempt": self._card.attempt}
        entries = [*(e for e in self._index() if e["file"] != name), entry]
        kept = self._worth_keeping(entries)
        _whole(self._folder / INDEX, lambda path: path.write_text(json.dumps(kept), encoding="utf-8"))
        for dropped in entries:
            if dropped not in kept:
                (self._folder / dropped["file"]).unlink(missing_ok=True)
        self._put({"kind": "checkpoint", **entry, "kept": [e["file"] for e in kept]})

    def resume(self) -> tuple[float, Any] | None:
        """The last checkpoint that can be read, newest attempt first."""
        for entry in reversed(self._index()):
            path = self._folder / entry["file"]
            if path.exists():
                self._put({"kind": "resumed", "attempt": entry["attempt"], "step": entry["step"]})
                return entry["step"], _load(path)
        return None

    def _index(self) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = json.loads((self._folder / INDEX).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return found

    def _worth_keeping(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        sign = 1 if self._card.direction == "minimize" else -1
        scored = [e for e in entries if e["score"] is not None and math.isfinite(e["score"])]
        best = sorted(scored, key=lambda e: sign * e["score"])[: self._card.keep]
        return [e for e in entries if e in best or e is entries[-1]]


def _how(state: Any) -> tuple[str, Callable[[Path], object]]:
    if isinstance(state, bytes):
        return ".bin", lambda path: path.write_bytes(state)
    try:
        text = json.dumps(state)
        return ".json", lambda path: path.write_text(text, encoding="utf-8")
    except (TypeError, ValueError):
        torch = _torch()
        return ".pt", lambda path: torch.save(state, path)


def _load(path: Path) -> Any:
    if path.suffix == ".bin":
        return path.read_bytes()
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    return _torch().load(path, map_location="cpu", weights_only=True)


def _torch() -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise InputError(
            Text(
                en="The checkpoint's state is neither bytes nor plain JSON data.",
                zh="检查点内容既不是字节，也不是普通 JSON 数据。",
            ),
            fix=Text(en="Pass bytes, plain data, or install torch.", zh="请传入字节或普通数据，或安装 torch。"),
        ) from error


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(draft)
        draft.replace(path)
    except (OSError, RuntimeError) as error:
        draft.unlink(missing_ok=True)
        raise LedgerError(
            Text(en="The checkpoint {path} cannot be written: {why}.", zh="无法写入检查点 {path}：{why}。").fill(
                path=same(str(path)), why=same(str(error))
            ),
            fix=Text(en="Make the folder writable, or free some space.", zh="请让该文件夹可写，或腾出磁盘空间。"),
        ) from error
