"""Facts of error analysis: which wrong dev examples people looked at, and how they sorted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.error_categories import (
    ErrorCategoriesFacts,
    ErrorCategoriesFinding,
    answer_error_categories,
    measure_error_categories,
)
from playnote.playbook.facts.base import Provider, of_project
from playnote.records.state import JournalEvent, ProjectState


@dataclass(frozen=True)
class Mistakes:
    """The latest sample of wrong examples.

    split    the split it was drawn from, "" where nothing was drawn
    drawn    sampled examples, of `wrong` wrong ones
    tagged   those that somebody sorted
    facts    the tally; finding whether one category leads
    chosen   the category to work on first, with its reason
    """

    split: str = ""
    drawn: int = 0
    wrong: int | None = None
    tagged: int = 0
    facts: ErrorCategoriesFacts | None = None
    finding: ErrorCategoriesFinding | None = None
    chosen: str | None = None
    because: str = ""


def mistakes_of(state: ProjectState) -> Mistakes:
    """Read the latest sample, its tags and the choice that followed."""
    chosen, because = _chosen(state)
    samples = state.events("errors-sampled")
    if not samples:
        return Mistakes(chosen=chosen, because=because)
    latest = samples[-1]
    ids = [str(each) for each in _list(latest.data.get("ids"))]
    tags = _tags(state, latest.data.get("sample"), ids)
    wrong, size = _whole(latest.data.get("wrong")), _whole(latest.data.get("n"))
    fixable = {str(e.data.get("category")): float(str(e.data.get("share", 1))) for e in state.events("errors-fixable")}
    facts = (
        measure_error_categories(
            list(tags.values()), dev_errors=wrong, n_dev=size, fixability=fixable, rng=np.random.default_rng(0)
        )
        if tags
        else None
    )
    return Mistakes(
        str(latest.data.get("split", "")),
        len(ids),
        wrong,
        len(tags),
        facts,
        answer_error_categories(facts, state.project.settings) if facts is not None else None,
        chosen,
        because,
    )


def _tags(state: ProjectState, sample: object, ids: list[str]) -> dict[str, list[str]]:
    """Tags of the sample's examples, those of the first person who tagged each; a later tag of the same person replaces."""
    drawn = set(ids)
    who: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    for event in state.events("errors-tagged"):
        given = event.data.get("tags")
        if event.data.get("sample") != sample or not isinstance(given, Mapping):
            continue
        person = str(event.data.get("by") or event.actor)
        for name, found in given.items():
            if str(name) in drawn and who.setdefault(str(name), person) == person:
                tags[str(name)] = [str(each) for each in _list(found)]
    return tags


def _chosen(state: ProjectState) -> tuple[str | None, str]:
    decisions: list[JournalEvent] = [e for e in state.events("decision") if e.data.get("about") == "errors"]
    if not decisions:
        return None, ""
    return str(decisions[-1].data.get("choice")), str(decisions[-1].data.get("because") or "")


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


PROVIDERS: dict[type, Provider] = {Mistakes: of_project(lambda giver: mistakes_of(giver.state))}
