"""What the ledger says when the disk or the folder refuses."""

from __future__ import annotations

import errno
from pathlib import Path

from playnote.errors import CacheError, LedgerError
from playnote.text import Text, same

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


def cannot_write(path: Path, error: OSError) -> LedgerError:
    """The write failed and left nothing half-written."""
    return LedgerError(
        Text(en="{path} cannot be written: {why}.", zh="无法写入 {path}：{why}。").fill(
            path=same(str(path)), why=same(error.strerror or str(error))
        ),
        fix=_fix(error),
    )


def cannot_read(path: Path, error: OSError) -> LedgerError:
    """A file of the ledger is there and cannot be read."""
    return LedgerError(
        Text(en="{path} cannot be read: {why}.", zh="无法读取 {path}：{why}。").fill(
            path=same(str(path)), why=same(error.strerror or str(error))
        ),
        fix=Text(en="Give yourself the right to read it.", zh="请为自己加上读取权限。"),
    )


def too_new(path: Path, found: object, known: int) -> LedgerError:
    """A file of a later format than this version reads."""
    return LedgerError(
        Text(
            en="{path} has format {found}; this version of Playnote reads up to {known}.",
            zh="{path} 的格式版本是 {found}，当前 Playnote 最高支持 {known}。",
        ).fill(path=same(str(path)), found=same(str(found)), known=known),
        fix=Text(en="Run `pip install --upgrade playnote`.", zh="请运行 `pip install --upgrade playnote`。"),
    )


def bad_cache(path: Path, why: object) -> CacheError:
    """The cache is missing, damaged, or of another format."""
    return CacheError(
        Text(en="The cache {path} cannot be used: {why}.", zh="缓存 {path} 不能用：{why}。").fill(
            path=same(str(path)), why=same(str(why))
        ),
        fix=Text(en="Run `playnote rebuild`.", zh="请运行 `playnote rebuild`。"),
    )


def read_only() -> LedgerError:
    """An append to a ledger that was opened for reading."""
    return LedgerError(
        Text(en="This ledger is open for reading only.", zh="这个记录库只以只读方式打开。"),
        fix=Text(en="Open it with `Ledger.write(home, actor)`.", zh="请用 `Ledger.write(home, actor)` 打开。"),
    )


def _fix(error: OSError) -> Text:
    if error.errno in _NO_ROOM:
        return Text(
            en="Free some space on the disk, then run the same command again.", zh="请腾出磁盘空间，再运行同一命令。"
        )
    if error.errno in _NO_RIGHT:
        return Text(
            en="Make the folder writable, or set PLAYNOTE_HOME to a folder that is.",
            zh="请让该文件夹可写，或把 PLAYNOTE_HOME 设为可写的文件夹。",
        )
    return Text(en="Check the disk, then run the same command again.", zh="请检查磁盘，再运行同一命令。")
