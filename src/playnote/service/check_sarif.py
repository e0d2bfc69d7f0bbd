"""`check --sarif`: the same verdicts for continuous integration."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from playnote.playbook.catalog import BY_ID
from playnote.projectfile.read import FILE
from playnote.reports.sarif import sarif_of
from playnote.service.session import Session
from playnote.service.views import Json, rule_view
from playnote.text import Language


def check_sarif(session: Session, checked: Json, language: Language = "en") -> Json:
    """What `check` found, as a SARIF log; the project file is named relative to where the command runs."""
    place = Path(session.project.folder) / FILE
    here = Path.cwd()
    named = place.relative_to(here).as_posix() if place.is_relative_to(here) else FILE
    return sarif_of(
        checked["verdicts"],
        {verdict["rule"]: rule_view(BY_ID[verdict["rule"]]) for verdict in checked["verdicts"]},
        gates=checked["unknown_gates"],
        file=named,
        text=place.read_text(encoding="utf-8"),
        version=metadata.version("playnote"),
        language=language,
    )
