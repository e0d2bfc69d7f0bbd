"""What makes pictures of the same trials answer together: a region marked in one, and the zoom of each.

The page keeps the marked trials in the signal `chosen` (an object by trial id, null where nothing is marked) and sets
it in every picture. Drag marks, Ctrl and wheel zoom, Shift and drag move, a double click takes both back.
"""

from __future__ import annotations

from playnote.plots.grammar import Spec

_PRESS = "[pointerdown[{when}event.shiftKey], window:pointerup] > window:pointermove!"
OPACITY = 0.85
_MARKED = "!chosen || chosen[datum.trial]"


def faded(strong: float = OPACITY) -> Spec:
    """Opacity of a trial: strong unless others are marked."""
    return {"condition": {"test": _MARKED, "value": strong}, "value": 0.07}


def chosen() -> list[Spec]:
    """The marked trials, for the top of a spec."""
    return [{"name": "chosen", "value": None}]


def marking(*, zoom_x: bool) -> list[Spec]:
    """Brush and zoom, for one layer of a spec. zoom_x: False where x is a choice, which has no scale to zoom."""
    return [
        {"name": "brush", "select": {"type": "interval", "on": _PRESS.format(when="!"), "zoom": False}},
        {
            "name": "zoom",
            "select": {
                "type": "interval",
                "encodings": ["x", "y"] if zoom_x else ["y"],
                "on": _PRESS.format(when=""),
                "translate": _PRESS.format(when=""),
                "zoom": "wheel![event.ctrlKey]",
            },
            "bind": "scales",
        },
    ]
