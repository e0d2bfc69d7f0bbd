"""`measure` as an agent asks for it: the baseline's seeds or a procedure, as a job; edits of the project file are a person's."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.errors import NotFoundError
from playnote.service.jobs import BASELINE, start_job
from playnote.service.measure import MEASURES
from playnote.service.session import Session
from playnote.service.views import Json
from playnote.text import Text, same

RERUN = "rerun"


def measure_job(
    session: Session,
    what: str,
    options: Mapping[str, float],
    *,
    seeds: int | None,
    trial: str | None,
    workers: int,
    actor: str,
) -> Json:
    """Start the procedure as a job; its status. Raises NotFoundError where there is no such procedure.

    options  numbers by name, as the procedure's own options set them
    seeds    how many the baseline should have
    trial    what is repeated by "rerun"
    """
    if what == BASELINE:
        return start_job(session, BASELINE, BASELINE, {"seeds": seeds, "workers": workers}, actor)
    if what == RERUN:
        return start_job(session, f"{RERUN}-{trial or 'latest'}", RERUN, {"trial": trial}, actor)
    if what not in MEASURES:
        raise NotFoundError(
            Text(en="There is nothing called {what!r} to measure.", zh="没有叫 {what!r} 的测量。").fill(what=what),
            fix=Text(en="Name one of {known}.", zh="改成其中之一：{known}。").fill(
                known=same(", ".join((BASELINE, RERUN, *MEASURES)))
            ),
        )
    given = {**options, **({} if seeds is None else {"seeds": float(seeds)})}
    asked = {"name": what, "options": given, "workers": workers}
    return start_job(session, f"measure-{what}", f"measure_{what.replace('-', '_')}", asked, actor)
