"""What a label audit found, put together from its events: noise, the order of two models, clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playnote.diagnosis.label_concentration import (
    LabelConcentrationFacts,
    answer_label_concentration,
    measure_label_concentration,
)
from playnote.diagnosis.label_noise import (
    Audited,
    LabelNoiseFacts,
    Outcome,
    answer_label_noise,
    measure_label_noise,
)
from playnote.records.settings import Settings
from playnote.records.state import ProjectState
from playnote.service.views import Json, finding_view, finite
from playnote.stats.binomial import jeffreys_interval

_FEW = 20  # wrong answers below which their share with wrong labels is not given


@dataclass(frozen=True, slots=True)
class Tally:
    """One audit.

    checked, wrong  of the random part, labels checked (unclear ones not counted) and wrong among them
    unclear         examples nobody can label, of the whole sample
    noise           of the order of two models; None without two models
    errors          (wrong labels, answers): answers of the first model that are wrong by the recorded label, in the random
                    part; of dev, where they are few, of the error analysis (tagged as mislabelled, tagged)
    clusters        of Train: wrong labels by class and by group
    """

    sample: Mapping[str, Any]
    checked: int
    wrong: int
    unclear: int
    audited: int
    noise: LabelNoiseFacts | None
    errors: tuple[int, int]
    clusters: tuple[LabelConcentrationFacts, ...] = ()


def tally(state: ProjectState, sample: Mapping[str, Any], held: Mapping[str, Mapping[str, str]]) -> Tally:
    """Put the audit's events together; where an example was checked twice, the later counts."""
    given: dict[str, str | None] = {}
    for each in state.events("labels-audited"):
        if each.data["sample"] == sample["sample"]:
            labels: Any = each.data["labels"]
            unclear: Any = each.data.get("unclear", ())
            given |= labels
            given |= dict.fromkeys(unclear)
    truth = held["truth"]
    clear = [one for one in sample["random"] if given.get(one) is not None]
    flags = [given[one] != truth[one] for one in clear]
    answers = held.get("first", {})
    missed = [flag for one, flag in zip(clear, flags, strict=True) if one in answers and answers[one] != truth[one]]
    clusters: tuple[LabelConcentrationFacts, ...] = ()
    if sample["split"].startswith("train") and clear:
        clusters = _clusters(clear, flags, truth, held.get("group", {}))
    noise = _noise(sample, given, held, (sum(flags), len(flags))) if len(sample["models"]) == 2 else None
    unclear_count = sum(label is None for label in given.values())
    errors = (sum(missed), len(missed))
    if len(missed) < _FEW and sample["split"] == "dev":
        errors = _tagged(state) or errors
    return Tally(sample, len(clear), sum(flags), unclear_count, len(given), noise, errors, clusters)


def _tagged(state: ProjectState) -> tuple[int, int] | None:
    """(tagged as mislabelled, tagged) of the last error analysis of dev."""
    held = [each.data["result"] for each in state.events("measurement") if each.data["name"] == "errors"]
    result: Any = held[-1] if held else None
    if not result or int(result["n"]) < _FEW:
        return None
    return round(float(result["mislabelled_share"]) * int(result["n"])), int(result["n"])


def _clusters(
    ids: Sequence[str], wrong: Sequence[bool], truth: Mapping[str, str], groups: Mapping[str, str]
) -> tuple[LabelConcentrationFacts, ...]:
    factors = {"label": [truth[one] for one in ids]}
    if groups:
        factors["group"] = [groups.get(one, "") for one in ids]
    return tuple(
        measure_label_concentration(wrong, levels, name, factors=len(factors)) for name, levels in factors.items()
    )


def _noise(
    sample: Mapping[str, Any],
    given: Mapping[str, str | None],
    held: Mapping[str, Mapping[str, str]],
    random_audit: tuple[int, int],
) -> LabelNoiseFacts:
    truth, first, second = held["truth"], held["first"], held["second"]
    audited = []
    for one in sample["disagreements"]:
        if one in given:
            label = given[one]
            corrected: Outcome = "neither"
            if label is not None and (first[one] == label) != (second[one] == label):
                corrected = "first" if first[one] == label else "second"
            audited.append(Audited("first" if first[one] == truth[one] else "second", corrected))
    only = sample["only"]
    return measure_label_noise(only[0], only[1], int(sample["n"]), audited, random_audit=random_audit)


def result_of(found: Tally, settings: Settings) -> tuple[Json, str]:
    """What rules read ("labels" in playbook/measured.py) and the verdict; what is not known is left out."""
    result: Json = {
        "split": found.sample["split"],
        "n": found.checked,
        "wrong": found.wrong,
        "random": found.checked > 0,
        "unclear": found.unclear,
    }
    if found.errors[1] >= _FEW:
        result["error_share"] = found.errors[0] / found.errors[1]
    verdict = "unknown"
    if found.noise is not None:
        verdict = answer_label_noise(found.noise, settings).label
        if verdict != "unknown":
            result["flips"] = verdict == "yes"
    answers = [answer_label_concentration(each, settings) for each in found.clusters]
    if answers:
        labels = {each.label for each in answers}
        verdict = "yes" if "yes" in labels else "no" if labels == {"no"} else "unknown"
        if verdict != "unknown":
            result["concentrated"] = verdict == "yes"
        if verdict == "yes" and found.sample.get("key"):
            result["key_scene"] = any(each.worst in found.sample["key"] for each in answers)
    return result, verdict


def view_of(found: Tally, settings: Settings) -> Json:
    """As every interface shows it."""
    share = found.wrong / found.checked if found.checked else None
    return {
        "sample": {key: found.sample[key] for key in ("sample", "split", "models", "only", "n", "seed")},
        "drawn": {key: len(found.sample.get(key, ())) for key in ("disagreements", "random", "suspects")},
        "audited": found.audited,
        "unclear": found.unclear,
        "noise": {
            "n": found.checked,
            "wrong": found.wrong,
            "share": share,
            "interval": finite(jeffreys_interval(found.wrong, found.checked)) if found.checked else None,
        },
        "errors": {"wrong_labels": found.errors[0], "n": found.errors[1]},
        "order": None if found.noise is None else finding_view(answer_label_noise(found.noise, settings)),
        "clusters": [
            {
                "factor": each.factor,
                "p": each.p,
                "levels": [{"name": level.name, "n": level.n, "wrong": level.wrong} for level in each.levels[:10]],
                "finding": finding_view(answer_label_concentration(each, settings)),
            }
            for each in found.clusters
        ],
    }
