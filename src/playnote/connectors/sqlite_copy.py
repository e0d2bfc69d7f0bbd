"""A SQLite file in memory, from a temporary copy: the source is neither locked nor changed, nor anything beside it.

Opening the file itself read-only would leave files beside it, or ignore its write-ahead log.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from playnote.connectors.imported import unreadable
from playnote.text import Text

_MAGIC = b"SQLite format 3\x00"
_NOT_ONE = Text(en="this is not a SQLite database.", zh="这不是 SQLite 数据库。")
_EMPTY = Text(en="the file is empty.", zh="文件是空的。")
_BROKEN = Text(en="the database is damaged or cut short ({why}).", zh="数据库已损坏或不完整（{why}）。")
_GIVE = Text(en="Give the file that Optuna writes, such as optuna.db.", zh="请给 Optuna 写的那个文件，例如 optuna.db。")
_COPY_AGAIN = Text(
    en="Copy the file again while nothing writes to it, with its -wal file if there is one.",
    zh="在没有程序写它的时候重新拷贝一份；有 -wal 文件就一起拷。",
)


def in_memory(path: Path) -> sqlite3.Connection:
    """The database as it stands on disk, write-ahead log included; `SourceError` where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if head != _MAGIC:
        raise unreadable(str(path), _NOT_ONE if head else _EMPTY, _GIVE)
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory(prefix="playnote-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        for end in ("-wal", "-journal"):
            beside = path.with_name(path.name + end)
            if beside.exists():
                shutil.copyfile(beside, copy.with_name(copy.name + end))
        disk = sqlite3.connect(copy)
        try:
            disk.backup(memory)
            memory.execute("select count(*) from sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            memory.close()
            raise unreadable(str(path), _BROKEN.fill(why=error), _COPY_AGAIN) from None
        finally:
            disk.close()
    return memory
