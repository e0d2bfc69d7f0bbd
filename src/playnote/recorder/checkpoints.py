"""Checkpoints of a trial: the best few by the objective, and the last; written whole or not at all.

A state of plain JSON data is kept as JSON, bytes as they are, anything else with torch (imported only
then) and read back with `weights_only=True`, so that loading a checkpoint runs no code.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from playnote.errors import InputError, LedgerError
from playnote.recorder.card import TrialCard
from playnote.recorder.formula import parse
from playnote.text import Text, same

INDEX = "checkpoints.json"
_BROKEN = (OSError, ValueError, EOFError, RuntimeError)  # what a file that was cut makes a reader say


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that stayed: its file, the step, the objective's score there (None: not logged at that step)."""

    path: Path
    step: float
    score: float | None
    attempt: int

    def load(self) -> Any:
        """The state. Tensors are read as weights only: loading runs no code. Raises InputError where that is refused."""
        return _load(self.path)


def kept_checkpoints(folder: Path) -> tuple[Kept, ...]:
    """The checkpoints in a trial's folder, in the order of writing; those whose file is missing are left out."""
    entries = ((folder / entry["file"], entry) for entry in _read_index(folder))
    return tuple(Kept(path, e["step"], e["score"], e["attempt"]) for path, e in entries if path.exists())


def chosen_checkpoint(folder: Path, direction: str, within: float = 0.0) -> Kept | None:
    """The checkpoint to keep after the run, of those in a trial's folder; see `best_of`."""
    return best_of(kept_checkpoints(folder), direction, within)


def best_of(kept: Iterable[Kept], direction: str, within: float = 0.0) -> Kept | None:
    """The best by its score; of those within `within` of it, the latest. None where none has a finite score.

    within  a difference that is no difference, in the score's own unit: the noise of one evaluation
    """
    sign = 1.0 if direction == "minimize" else -1.0
    scored = [(sign * e.score, e) for e in kept if e.score is not None and math.isfinite(e.score)]
    if not scored:
        return None
    best = min(score for score, _ in scored)
    return max((e for score, e in scored if score - best <= within), key=lambda e: e.step)


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
        for kept in reversed(kept_checkpoints(self._folder)):
            try:
                state = kept.load()
            except _BROKEN:  # cut by the death of the machine: the one before it is whole
                continue
            self._put({"kind": "resumed", "attempt": kept.attempt, "step": kept.step})
            return kept.step, state
        return None

    def _index(self) -> list[dict[str, Any]]:
        return _read_index(self._folder)

    def _worth_keeping(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        sign = 1 if self._card.direction == "minimize" else -1
        scored = [e for e in entries if e["score"] is not None and math.isfinite(e["score"])]
        best = sorted(scored, key=lambda e: sign * e["score"])[: self._card.keep]
        return [e for e in entries if e in best or e is entries[-1]]


def _read_index(folder: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found


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
    try:
        return _torch().load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            Text(
                en="{path} holds more than tensors and plain data, and loading it could run code.",
                zh="{path} 里不只有张量和普通数据，加载它可能会执行代码。",
            ).fill(path=same(str(path))),
            fix=Text(
                en="Pass `model.state_dict()`, not the model.", zh="请传入 `model.state_dict()`，而不是模型本身。"
            ),
        ) from error


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
