"""Pictures as files, PNG and SVG, for papers and slides; drawn by vl-convert, of the extra `export`.

A file holds one language. Where a picture has Chinese in it, the system must have a font that has Chinese: without one
the signs would come out as boxes, so nothing is drawn and the way to a font is told.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Literal

from playnote.errors import InputError, MissingExtraError
from playnote.plots.grammar import Spec
from playnote.plots.still import PALETTE, still_of_curves
from playnote.reports.figure import Figure
from playnote.text import Language, Text

Kind = Literal["png", "svg"]
KINDS: tuple[Kind, ...] = ("png", "svg")
_VERSION = "6.4"  # Vega-Lite's, as the page uses
_WIDTH, _SCALE = 560, 2.0
_INK, _SOFT, _LINE = "#1b1f24", "#57606a", "#d8dde3"
_CHINESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

# Part of a font file's name in small letters, and the family in it, best first.
_FONTS = (
    ("notosanscjk", "Noto Sans CJK SC"),
    ("notosanssc", "Noto Sans SC"),
    ("sourcehansans", "Source Han Sans SC"),
    ("wqy-microhei", "WenQuanYi Micro Hei"),
    ("wqy-zenhei", "WenQuanYi Zen Hei"),
    ("pingfang", "PingFang SC"),
    ("hiragino sans gb", "Hiragino Sans GB"),
    ("msyh", "Microsoft YaHei"),
    ("simhei", "SimHei"),
)
_PLACES = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}

_MISSING = Text(
    en="vl-convert is not installed, which draws pictures as files.", zh="没有装 vl-convert，图片文件靠它画。"
)
_INSTALL = Text(en="Run: pip install 'playnote[export]'", zh="运行：pip install 'playnote[export]'")
_NO_FONT = Text(
    en="The pictures have Chinese in them and no font with Chinese was found on this machine.",
    zh="图里有中文，但这台机器上没有找到带中文的字体。",
)
_GET_FONT = Text(
    en="Install one (Debian: apt install fonts-noto-cjk), or take the English pictures: --lang en.",
    zh="装一个（Debian：apt install fonts-noto-cjk），或者改出英文图：--lang en。",
)


def still(figure: Figure, language: Language, kind: Kind) -> bytes:
    """One picture as the bytes of a file, on white.

    Raises MissingExtraError without vl-convert, InputError where Chinese is to be drawn and no font has it.
    """
    drawing = figure.drawing[language]
    spec = dict(drawing) if figure.tool == "vega" else still_of_curves(drawing)
    spec |= {"width": _WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}, "background": "white"}
    spec["config"] = _theme(_font_for(spec))
    spec = _at_rest(spec)
    converter = _converter()
    if kind == "svg":
        return str(converter.vegalite_to_svg(spec, vl_version=_VERSION)).encode()
    return bytes(converter.vegalite_to_png(spec, vl_version=_VERSION, scale=_SCALE))


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError(_MISSING, fix=_INSTALL) from None
    return vl_convert


def chinese_font() -> str | None:
    """The family of a font with Chinese on this machine, by the names of the files in the usual places."""
    roots = [Path(each).expanduser() for each in _PLACES.get(sys.platform, _PLACES["linux"])]
    names = [
        path.name.lower()
        for root in roots
        if root.is_dir()
        for path in root.rglob("*")
        if path.suffix.lower() in (".ttf", ".ttc", ".otf")
    ]
    return next((family for part, family in _FONTS if any(part in name for name in names)), None)


def _font_for(spec: Spec) -> str:
    if not _CHINESE.search(json.dumps(spec, ensure_ascii=False)):
        return "sans-serif"
    family = chinese_font()
    if family is None:
        raise InputError(_NO_FONT, fix=_GET_FONT)
    return f"{family}, sans-serif"


def _at_rest(spec: Spec) -> Spec:
    """Without brush and zoom, which have nothing to answer on paper."""
    return spec | {"layer": [{k: v for k, v in layer.items() if k != "params"} for layer in spec["layer"]]}


def _theme(font: str) -> Spec:
    soft = {"labelColor": _SOFT, "titleColor": _SOFT, "titleFontWeight": "normal"}
    return {
        "font": font,
        "view": {"stroke": _LINE},
        "range": {"category": list(PALETTE)},
        "axis": {**soft, "gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE},
        "legend": {**soft, "labelColor": _INK, "labelFontSize": 11},
        "title": {"color": _INK, "fontSize": 13, "subtitleColor": _SOFT},
        "bar": {"color": PALETTE[0]},
        "style": {
            "ring": {"color": _INK, "stroke": _INK},
            "word": {"color": _INK, "fill": _INK, "fontSize": 11},
            "mark": {"color": PALETTE[0]},
            "end": {"color": _SOFT, "stroke": _SOFT},
        },
    }
