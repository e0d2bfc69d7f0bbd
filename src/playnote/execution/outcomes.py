"""How an attempt ended, from the exception or the exit code alone."""

from __future__ import annotations

import errno
import signal
import traceback
from types import TracebackType

from playnote.errors import LedgerError
from playnote.recorder.ended import TrialEnded
from playnote.records.trial import Outcome

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE}
_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "memoryerror")
# The machine or its manager ended it, not the code: the kernel's out-of-memory killer sends KILL as well.
_BY_SIGNAL: dict[int, Outcome] = {
    signal.SIGKILL: "failed:infra",
    signal.SIGBUS: "failed:infra",
    signal.SIGTERM: "failed:preempted",
    signal.SIGINT: "failed:preempted",
    signal.SIGHUP: "failed:preempted",
}
RETRIED: frozenset[str] = frozenset({"failed:infra", "failed:preempted"})
_LONGEST = 8000  # characters of an error that are kept


def of_exception(error: BaseException) -> Outcome:
    """The outcome of training code that raised this."""
    if isinstance(error, TrialEnded):
        return "nan"
    if isinstance(error, MemoryError) or _names_memory(error):
        return "oom"
    if isinstance(error, (LedgerError, ConnectionError)):
        return "failed:infra"
    if isinstance(error, OSError) and error.errno in _DISK:
        return "failed:infra"
    if isinstance(error, SystemExit):
        return "ok" if error.code in (None, 0) else "failed:code"
    if isinstance(error, KeyboardInterrupt):
        return "failed:preempted"
    return "failed:code"


def of_exit(code: int, last_words: str) -> Outcome:
    """The outcome of a process that ended with this code (minus the signal's number for a signal).

    last_words  the end of what it printed on standard error
    """
    if code == 0:
        return "ok"
    if code == TrialEnded.CODE:
        return "nan"
    # A shell reports a signal of its child as 128 + n.
    number = -code if code < 0 else code - 128 if code > 128 else 0
    if number in _BY_SIGNAL:
        return _BY_SIGNAL[number]
    return "oom" if any(words in last_words.lower() for words in _NO_MEMORY) else "failed:code"


def own_traceback(error: BaseException, first_file: str) -> str:
    """The traceback from the user's own code on: frames before the first outside `first_file` are ours."""
    if isinstance(error, TrialEnded):
        return ""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None and _ours(trace, first_file):
        trace = trace.tb_next
    return clipped("".join(traceback.format_exception(type(error), error, trace)))


def clipped(words: str) -> str:
    """The end of a long text: a traceback says what happened in its last lines."""
    return words if len(words) <= _LONGEST else "...\n" + words[-_LONGEST:]


def _ours(trace: TracebackType, folder: str) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(folder)


def _names_memory(error: BaseException) -> bool:
    if type(error).__name__ in ("OutOfMemoryError", "CudaOutOfMemory"):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)
