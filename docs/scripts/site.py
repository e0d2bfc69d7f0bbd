"""What the builder of the site is told beside mkdocs.yml: the order of pages, a page a rule, links into the code, Chinese words.

Pages that others write (decisions, walks) are taken from their folders, so that a new one needs no entry anywhere. The pages
of the rules are made from the code and stand on the site alone.
"""

from __future__ import annotations

import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

sys.path.insert(0, str(Path(__file__).parent))
import rule_pages

from playnote.playbook import CATALOG

_RULE = re.compile(r"`(" + "|".join(re.escape(rule.id) for rule in CATALOG) + r")`")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_KINDS = ("start", "guides", "ideas", "reference", "decisions", "contributing")
_RULES = f"{rule_pages.PLACE}/index.md"
_TITLE = {"start": "Start", "guides": "Guides", "ideas": "Ideas", "reference": "Reference"}


def on_config(config: Any) -> Any:
    """The navigation: four kinds of page, then decisions and contributing, then what is there in Chinese."""
    docs = Path(config["docs_dir"])
    nav: list[Any] = [{"Playnote": "index.md"}]
    for kind in _KINDS:
        pages = sorted(
            p for p in (docs / kind).rglob("*.md") if not p.name.endswith(".zh.md") and "fashion" not in p.parts
        )
        listed = [p.relative_to(docs).as_posix() for p in pages]
        nav.append({_TITLE.get(kind, kind.capitalize()): listed + [_RULES] * (kind == "reference")})
    chinese = sorted(p.relative_to(docs).as_posix() for p in docs.rglob("*.zh.md") if "fashion" not in p.parts)
    chinese.append(_RULES.replace(".md", ".zh.md"))
    config["nav"] = [*nav, {"中文": chinese}]
    return config


def on_files(files: Any, config: Any) -> Any:
    """The pages of the rules."""
    for place, text in rule_pages.pages().items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """A rule's id leads to its page. A link that leaves docs/ is told by its words: the site does not hold the code."""
    here = posixpath.dirname(page.file.src_uri)
    rules = posixpath.relpath(rule_pages.PLACE, here)
    language: Any = "zh" if page.file.src_uri.endswith(".zh.md") else "en"

    def kept(found: re.Match[str]) -> str:
        picture, words, place, _anchor = found.groups()
        target = posixpath.normpath(posixpath.join(here, place))
        gone = "://" not in place and (target.startswith("..") or not target.endswith((".md", ".png")))
        return f"{words}" if gone and not picture else found.group()

    def ruled(found: re.Match[str]) -> str:
        return f"[{found.group()}]({rules}/{rule_pages.file_name(found[1], language)})"

    return _RULE.sub(ruled, _LINK.sub(kept, markdown))


def on_post_build(config: Any) -> None:
    """Chinese has no spaces between words: every run of two to four signs becomes a word of the search index."""
    index = Path(config["site_dir"]) / "search" / "search_index.json"
    held = json.loads(index.read_text(encoding="utf-8"))
    for entry in held["docs"]:
        words = {
            run[i : i + size]
            for run in _HAN.findall(entry["title"] + " " + entry["text"])
            for size in (2, 3, 4)
            for i in range(len(run) - size + 1)
        }
        if words:
            entry["text"] += " " + " ".join(sorted(words))
    index.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
