"""`study.optimize(objective, callbacks=[playnote.watch_optuna()])`: warns while a study runs, and changes nothing.

It looks at the trials now and then, more rarely as they grow, and never for more than a small share of the time the
study takes. Nothing it does can stop the user's loop: a fault of its own ends the watching, not the study.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from playnote.interfaces.cli.output import language_of
from playnote.text import Text

_FIRST = 20  # trials before the first look
_GROWTH = 1.25  # from look to look
_SHARE = 0.01  # of the study's time that looking may take ...
_GRACE = 0.5  # ... beyond these seconds, so that a toy study gets its warnings too
_SAID = Text(en="[playnote, after {n} trials, provisional] {what}", zh="[playnote，{n} 个试验后，暂时看法] {what}")
_STOPPED = Text(
    en="[playnote] stopped watching: {why}. The study goes on.", zh="[playnote] 不再旁观：{why}。study 照常进行。"
)


class Callback(Protocol):
    """What Optuna calls after every trial."""

    def __call__(self, study: Any, trial: Any) -> None:
        """Look at a study after one of its trials."""
        ...


def watch_optuna(
    *,
    min_effect: float | None = None,
    language: str | None = None,
    say: Callable[[str], object] | None = None,
    first: int = _FIRST,
    share: float = _SHARE,
) -> Callback:
    """A callback for `study.optimize`; every warning is said once.

    min_effect  smallest difference that matters, in the metric's unit
    language    "en" or "zh"; else as everywhere (PLAYNOTE_LANG, the locale)
    say         takes a line of text; else it goes to standard error
    first       trials before the first look
    share       of the study's time that looking may take; beyond it, looks are put off
    """
    return _Watch(min_effect, language, say or _to_stderr, max(1, int(first)), share)


class _Watch:
    """What has been said, and when to look next."""

    def __init__(
        self, min_effect: float | None, language: str | None, say: Callable[[str], object], first: int, share: float
    ) -> None:
        self._min_effect, self._language, self._say = min_effect, language_of(language), say
        self._next, self._share, self._said = first, share, set[str]()
        self._began, self._spent = time.monotonic(), 0.0
        self._lock = threading.Lock()
        self._stopped = False

    def __call__(self, study: Any, trial: Any) -> None:
        """Look where it is time to; with several workers one of them looks, the others pass."""
        if self._stopped or getattr(trial, "number", 0) + 1 < self._next or not self._lock.acquire(blocking=False):
            return
        try:
            self._look(study, int(trial.number) + 1)
        except Exception as error:
            self._stopped = True
            self._tell(_STOPPED.fill(why=f"{type(error).__name__}: {error}"))
        finally:
            self._lock.release()

    def _look(self, study: Any, count: int) -> None:
        begin = time.monotonic()
        # Importing and reading take longest the first time; only what follows is held against the share.
        if self._spent > _GRACE + self._share * (begin - self._began):
            self._next = count + max(1, int(count * (_GROWTH - 1.0)))
            return
        from playnote.service.review_live import live_warnings

        loaded = time.monotonic()
        for key, text in live_warnings(study, min_effect=self._min_effect):
            if key not in self._said:
                self._said.add(key)
                self._tell(_SAID.fill(n=count, what=text))
        self._spent += time.monotonic() - loaded
        self._next = max(count + 1, int(count * _GROWTH))

    def _tell(self, text: Text) -> None:
        try:
            self._say(text.pick(self._language))
        except Exception:
            self._stopped = True


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


__all__ = ["Callback", "watch_optuna"]
