"""Made-up gaps, stability, schedules, lengths and measurements that the rules' examples are built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from playnote.diagnosis.adoption import AdoptionFinding
from playnote.diagnosis.batch_size import BatchProbe, answer_batch_size, measure_batch_size
from playnote.diagnosis.complexity import ComplexityFinding
from playnote.diagnosis.coupling import CouplingFinding
from playnote.diagnosis.divergence_edge import DivergenceEdgeFinding
from playnote.diagnosis.gaps import GAPS, GapFinding
from playnote.diagnosis.gradient_outliers import ClipFinding, GradientOutliersFinding
from playnote.diagnosis.importance import ImportanceFinding
from playnote.diagnosis.inert import InertFinding
from playnote.diagnosis.instability import InstabilityFinding
from playnote.diagnosis.readiness import ReadinessFinding
from playnote.diagnosis.steps import LengthInUseFinding
from playnote.diagnosis.still_improving import SaturatedEarlyFinding, StillImprovingFinding
from playnote.playbook.facts.adoptions import Proposal
from playnote.playbook.facts.batch import BatchLadder
from playnote.playbook.facts.history import Adopted
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.learned import Learned
from playnote.playbook.facts.lengths import LengthInUse, Lengths, RoundLength
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.stability import Clipping, Schedule, SeenSchedule, Stability
from playnote.playbook.verdict import Status, Verdict
from playnote.records.finding import Finding
from playnote.text import Text, same

F = TypeVar("F", bound=Finding)
_CHANCE = {"yes": 0.95, "no": 0.05, "unknown": None}
_MORE = Text(en="more readings", zh="更多读数")


def found(kind: type[F], label: str, **more: Any) -> F:
    """A finding with this label; an unknown one misses readings."""
    missing = (_MORE,) if label == "unknown" else ()
    return kind(label=label, p=_CHANCE[label], n=16, missing=missing, **more)  # type: ignore[arg-type]


def ladder(**labels: str) -> Ladder:
    """Gaps by name: high_bias="yes", ...; what is not named is "no". A first "yes" is the largest."""
    findings = []
    largest = 0.9
    for gap in GAPS:
        label = labels.get(gap, "no")
        more: dict[str, Any] = {"estimate": 0.05, "interval": (0.03, 0.07)} if label != "unknown" else {}
        findings.append(
            found(GapFinding, label, target={"gap": gap}, largest=largest if label == "yes" else 0.05, **more)
        )
        largest = 0.1 if label == "yes" else largest
    return Ladder(tuple(findings))


def measured(**results: Mapping[str, object] | list[Mapping[str, object]]) -> Measured:
    """Measurements by procedure: one result, or several in order."""
    rows = {
        name: tuple(
            Measurement(at + 1, "2026-01-01T00:00:00Z", each)
            for at, each in enumerate(result if isinstance(result, list) else [result])
        )
        for name, result in results.items()
    }
    return Measured(rows)


def loss(label: str, **more: Any) -> InstabilityFinding:
    """A training loss that jumps ("yes") or does not."""
    return found(InstabilityFinding, label, **more)


def steady(**changed: Any) -> Stability:
    """A baseline whose three runs are stable."""
    base: dict[str, Any] = {"losses": tuple(loss("no") for _ in range(3)), "runs": 3}
    return Stability(**{**base, **changed})


def shaky(*, early: bool = True) -> Stability:
    """A baseline of whose three runs two jump."""
    jumps = tuple(loss("yes", early=early) for _ in range(2))
    return Stability(losses=(*jumps, loss("no")), runs=3)


def spikes(label: str) -> GradientOutliersFinding:
    """Gradient norms with or without huge ones."""
    return found(GradientOutliersFinding, label)


def edge(label: str) -> DivergenceEdgeFinding:
    """A best learning rate at the rate that diverges, or away from it."""
    return found(DivergenceEdgeFinding, label)


def clip(label: str, **more: Any) -> ClipFinding:
    """What recorded norms say of a threshold."""
    return found(ClipFinding, label, **more)


def clipping(threshold: float | None = 1.0, finding: ClipFinding | None = None, **more: Any) -> Clipping:
    """Clipping in use."""
    return Clipping(threshold, finding, **more)


def schedule(**changed: Any) -> Schedule:
    """A schedule of 1000 steps that warms up over 30 and decays to 0."""
    base: dict[str, Any] = {
        "total": 1000.0,
        "peak": 0.1,
        "warmup": 30.0,
        "straight": True,
        "end": 0.0,
        "flat": False,
    }
    return Schedule(SeenSchedule(**{**base, **changed}))


def length(verdict: str, label: str, **more: Any) -> LengthInUse:
    """Where the best steps of the top trials lie."""
    return LengthInUse(found(LengthInUseFinding, label, verdict=verdict, **more), round=1)


def still(label: str) -> StillImprovingFinding:
    """A run that was still improving at its end, or not."""
    return found(StillImprovingFinding, label)


def early_end(label: str) -> SaturatedEarlyFinding:
    """A run that gained nothing more long before its end, or not."""
    return found(SaturatedEarlyFinding, label)


def lengths(*steps: float, bound: bool | None = True, production: float | None = 1000.0, **more: Any) -> Lengths:
    """Rounds of these lengths, four configurations each, the baseline among them."""
    made = {"configurations": 4, "with_baseline": True, **more}
    return Lengths(bound, production, tuple(RoundLength(at + 1, each, **made) for at, each in enumerate(steps)))


def said(name: str, status: Status) -> Verdict:
    """A verdict of an earlier rule."""
    return Verdict(id=name, rule=name, status=status, message=same("-"))


def batch_ladder(*seconds: float, chosen: int | None = 64, **more: Any) -> BatchLadder:
    """Batches of 32, 64, 128 ... with these step times; `unfit` says that the next one does not fit."""
    waiting = more.pop("waiting", 0.0)
    probes = [BatchProbe(32 * 2**at, [each] * 30, waiting, None) for at, each in enumerate(seconds)]
    if more.pop("unfit", True):
        probes.append(BatchProbe(32 * 2 ** len(seconds), (), fits=False))
    facts = measure_batch_size(probes)
    return BatchLadder(facts, answer_batch_size(facts), chosen, **more)


def learned(label: str) -> Learned:
    """What a round says of the learning rate: important or not, inert or not."""
    inert = {"yes": "no", "no": "yes", "unknown": "unknown"}[label]
    about = {"hyperparameter": "lr"}
    return Learned(
        (found(ImportanceFinding, "yes" if label == "yes" else "unknown", hyperparameter="lr", target=about),),
        (found(InertFinding, inert, target=about),),
        (found(CouplingFinding, "unknown", target={"hyperparameters": "lr, weight_decay"}),),
    )


def ready(label: str) -> ReadinessFinding:
    """A search that has converged, has not, or cannot be told."""
    open_items = () if label == "yes" else (Text(en="A range stops too early.", zh="有超参的搜索范围太窄。"),)
    return found(ReadinessFinding, label, open_items=open_items)


def judged(
    verdict: str,
    gain: float | None,
    interval: tuple[float, float] | None,
    *,
    adds: str | None = None,
    number: int = 10,
    configuration: Mapping[str, object] | None = None,
) -> Proposal:
    """A change that was judged with this gain; `adds` says whether it adds something."""
    decided = Adopted(number, verdict, configuration or {"dropout": 0.2}, "", {"trial": "t0007"})
    finding = None if gain is None else found(AdoptionFinding, "yes", estimate=gain, interval=interval)
    return Proposal(decided, finding, None if adds is None else found(ComplexityFinding, adds))
