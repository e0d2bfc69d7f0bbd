"""What a model said of a split, row by row: a compressed file that only its owner can read."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playnote.errors import InputError, LedgerError
from playnote.text import Text, same


def save_predictions(folder: Path, attempt: int, split: str, columns: Mapping[str, Any]) -> tuple[str, int]:
    """Write the columns that are given; returns the file's name and n. Raises InputError where lengths differ."""
    plain = {name: _listed(column) for name, column in columns.items() if column is not None}
    lengths = {name: len(column) for name, column in plain.items()}
    if len(set(lengths.values())) != 1 or not plain.keys() & {"probabilities", "predictions"}:
        raise InputError(
            Text(
                en="The predictions for {split} do not fit together: {lengths}.",
                zh="{split} 的预测各列对不上：{lengths}。",
            ).fill(split=same(split), lengths=same(str(lengths))),
            fix=Text(
                en="Give `ids` and `probabilities` (or `predictions`) with one row an example.",
                zh="请给出 `ids` 和 `probabilities`（或 `predictions`），每个样本一行。",
            ),
        )
    name = f"attempt-{attempt}-{split.replace('/', '_')}.predictions.json.gz"
    _write_private(folder / name, gzip.compress(json.dumps(plain).encode(), 6, mtime=0))
    return name, lengths["ids"]


def _listed(column: Any) -> list[Any]:
    still = column.detach().cpu() if hasattr(column, "detach") else column
    return list(still.tolist() if hasattr(still, "tolist") else still)


def _write_private(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise LedgerError(
            Text(en="{path} cannot be written: {why}.", zh="无法写入 {path}：{why}。").fill(
                path=same(str(path)), why=same(error.strerror or str(error))
            ),
            fix=Text(en="Make the folder writable, or free some space.", zh="请让该文件夹可写，或腾出磁盘空间。"),
        ) from error
