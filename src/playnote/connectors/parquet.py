"""Parquet files, through whichever library the user has: pyarrow, else polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playnote.connectors.imported import unreadable
from playnote.errors import MissingExtraError
from playnote.text import Text

_MISSING = Text(
    en="Neither pyarrow nor polars is installed, and one of them is needed for Parquet files.",
    zh="读写 Parquet 需要 pyarrow 或 polars，两个都没装。",
)
_INSTALL = Text(
    en="Run: pip install pyarrow (or use a .csv or .jsonl file).",
    zh="运行 pip install pyarrow（或者改用 .csv、.jsonl 文件）。",
)
_BROKEN = Text(en="the Parquet file cannot be read ({why}).", zh="这个 Parquet 文件读不了（{why}）。")
_AGAIN = Text(en="Write or copy it again.", zh="重新写出或拷贝一份。")


def read_parquet(path: Path) -> dict[str, list[Any]]:
    """Columns by name, missing values None. Raises `MissingExtraError`, or `SourceError` for a damaged file."""
    arrow, polars = _libraries()
    try:
        if arrow is not None:
            table = arrow.read_table(path)
            return {str(name): table.column(at).to_pylist() for at, name in enumerate(table.column_names)}
        frame = polars.read_parquet(path)
        return {str(name): frame.get_column(name).to_list() for name in frame.columns}
    except OSError:
        raise
    except Exception as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise unreadable(str(path), _BROKEN.fill(why=why[:200]), _AGAIN) from None


def write_parquet(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """One file, one type a column. Raises `MissingExtraError` where neither library is there."""
    arrow, polars = _libraries()
    if arrow is not None:
        import pyarrow

        arrow.write_table(pyarrow.table({name: list(values) for name, values in columns.items()}), path)
    else:
        polars.DataFrame({name: list(values) for name, values in columns.items()}, strict=False).write_parquet(path)


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow.parquet as arrow
    except ImportError:
        try:
            import polars
        except ImportError:
            raise MissingExtraError(_MISSING, fix=_INSTALL) from None
        return None, polars
    return arrow, None


__all__ = ["read_parquet", "write_parquet"]
