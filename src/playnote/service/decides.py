"""What the next step can decide, before it costs anything: an agent weighs a step by it."""

from __future__ import annotations

import math

from playnote.diagnosis.adoption_decision import alpha_of_decision
from playnote.diagnosis.adoption_price import Price
from playnote.guide.step import Step
from playnote.playbook.engine import Facts
from playnote.playbook.facts import SeedNoise, Target
from playnote.records.state import ProjectState
from playnote.service.views import Json, finite

FRESH = 4  # seeds a side that a call of `adopt` runs where it does not say how many


def decides(state: ProjectState, step: Step, facts: Facts) -> Json | None:
    """For an adoption: the chance that fresh seeds adopt a gain of what matters, and of twice that, and the largest share
    of adoptions without a gain; for another step that runs something the rules it settles. None where it runs nothing.
    """
    if " adopt " in f"{step.command} ":
        return _adoption(state, facts)
    return {"rules": list(step.because)} if step.runs and step.because else None


def _adoption(state: ProjectState, facts: Facts) -> Json | None:
    settings, effect = state.project.settings, state.project.objective.min_effect
    noise = facts.give(SeedNoise, Target())
    earlier = [event.data.get("verdict") for event in state.events("adoption")]
    alpha = alpha_of_decision(len(earlier), earlier.count("adopted"), automatic=True, settings=settings)
    most = int(settings["adoption.most_runs"])
    found: dict[str, object] = {"false_adoption_at_most": round(alpha, 4), "fresh_seeds_each": FRESH}
    if effect is None or noise.sd is None or not noise.sd > 0:
        return found
    price = Price(now=0.0, noise=noise.sd, runs=0, freedom=noise.freedom or math.inf, planned=most, alpha=alpha)

    def chance(runs: int) -> dict[str, float]:
        """Of the last look alone, so it is the least; never 0 or 1, which an estimated noise cannot give."""
        return {f"{gain:g}": round(min(max(price.chance(gain, runs), 0.01), 0.99), 2) for gain in (effect, 2 * effect)}

    told = {"sd": finite(noise.sd), "interval": finite(noise.interval), "freedom": noise.freedom}
    return {
        **found,
        "chance_to_adopt_if_gain": chance(FRESH),
        f"chance_with_{most}_seeds_each": chance(most),
        "seed_noise": told,
    }
