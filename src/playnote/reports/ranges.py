"""A hyperparameter's range in one line."""

from __future__ import annotations

from playnote.space.hyperparameter import Categorical, Hyperparameter
from playnote.text import Text, same

_SCALES = {
    "linear": Text(en="linear", zh="线性"),
    "log": Text(en="log", zh="对数"),
    "log-complement": Text(en="log of 1 - x", zh="1 - x 的对数"),
}
_RANGE = Text(en="{low} … {high} ({scale})", zh="{low} … {high}（{scale}）")
_OR_OFF = Text(en="{low} … {high} ({scale}), or {off}", zh="{low} … {high}（{scale}），或者 {off}")


def range_of(hyperparameter: Hyperparameter) -> Text:
    """Its choices, or its ends with the scale, and the value that turns it off where there is one."""
    if isinstance(hyperparameter, Categorical):
        return same(", ".join(str(choice) for choice in hyperparameter.choices))
    words = _RANGE if hyperparameter.off is None else _OR_OFF
    return words.fill(
        low=f"{hyperparameter.low:g}",
        high=f"{hyperparameter.high:g}",
        scale=_SCALES[hyperparameter.scale],
        off="" if hyperparameter.off is None else f"{hyperparameter.off:g}",
    )
