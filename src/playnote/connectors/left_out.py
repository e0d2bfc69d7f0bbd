"""What folders of files leave out, in words that several connectors share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playnote.connectors.series import listed
from playnote.text import Text

_LINKS = Text(en="{n} links were not followed: {names}.", zh="有 {n} 个链接没有跟进去：{names}。")


def links_left(links: Sequence[Path]) -> list[Text]:
    """Links in a folder that were not followed."""
    return [_LINKS.fill(n=len(links), names=listed(sorted(link.name for link in links), 5))] if links else []


def counted(text: Text, n: int, **values: object) -> list[Text]:
    """The sentence with its number, nothing for none."""
    return [text.fill(n=n, **values)] if n else []


__all__ = ["counted", "links_left"]
