"""Adoption decisions with known truth: exact nulls, effects of half to three seed SDs, and the traps.

Costs are in units of a typical seed SD. Under a null both arms follow the very same law (unless the
kind says that the candidate fails more often), so adopting it is always wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playnote.testing.known import Case, Floats, KnownCase, MetricView, Truth, draw_view
from playnote.testing.noise_laws import Law, any_law

EFFECTS = (0.5, 1.0, 1.5, 2.0, 3.0)
NULL_SHARE = 0.4
# With dev sampling an effect of 1 is this many SDs of the difference of means, seeds and examples together.
STEPS_PER_EFFECT = 1.5


@dataclass(slots=True)
class _Draft:
    """The trials gathered so far, in costs."""

    view: MetricView
    trials: list[Case]

    def add(self, role: str, arm: str | None, seed: int, cost: float, status: str = "complete", **more: object) -> None:
        value = self.view.value(cost) if status == "complete" else None
        trial: Case = {"trial_id": f"t{len(self.trials)}", "role": role, "seed": seed, "status": status, "value": value}
        if arm is not None:
            trial["arm"] = arm
        self.trials.append({**trial, **more})


def draw_effect(rng: np.random.Generator, null: bool | None) -> float:
    """0 for a null, else one of the effects in seed SDs; 40 % nulls where `null` leaves it open."""
    if null is None:
        null = bool(rng.random() < NULL_SHARE)
    return 0.0 if null else float(rng.choice(EFFECTS))


def plain(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """3, 5 or 10 fresh seeds per arm and nothing else."""
    effect, draft, law = draw_effect(rng, null), _new(rng), any_law(rng)
    n = int(rng.choice([3, 5, 10]))
    means = _arms(rng, draft, law, effect, n, 1.0)
    return _finish(draft, "plain", effect, _known_variance(means, n, n), rng)


def history(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """2 to 5 seeds per arm, and repeats of 4 to 12 earlier configurations whose SDs differ a little."""
    effect, draft, law = draw_effect(rng, null), _new(rng), any_law(rng)
    spread = float(rng.choice([6.0, 12.0, 24.0]))
    for index in range(int(rng.integers(4, 13))):
        sd, mean = _sd(rng, spread), rng.normal(0, 4)
        for seed, noise in enumerate(law(rng, int(rng.integers(2, 5)))):
            draft.add("repeat", f"earlier{index}", seed, mean + sd * noise)
    n, sd = int(rng.integers(2, 6)), _sd(rng, spread)
    means = _arms(rng, draft, law, effect, n, sd)
    return _finish(draft, "history", effect, _known_variance(means / sd, n, n), rng)


def after_selection(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """The candidate is the winner of a search of 16 to 40 trials; 3 to 5 fresh seeds per arm follow."""
    effect, draft, law = draw_effect(rng, null), _new(rng), any_law(rng)
    count = int(rng.integers(16, 41))
    where, best = rng.random((count, 2)), rng.uniform(0.2, 0.8, 2)
    means = 8.0 * np.sum((where - best) ** 2, axis=1)
    costs = means + law(rng, count)
    winner = int(np.argmin(costs))
    for index in range(count):
        params = {"lr": float(10 ** (-4 + 3 * where[index, 0])), "dropout": float(0.5 * where[index, 1])}
        arm = "candidate" if index == winner else f"search{index}"
        draft.add("search", arm, 0, costs[index], params=params)
    n = int(rng.integers(3, 6))
    pair = _arms(rng, draft, law, effect, n, 1.0, level=float(means[winner]))
    return _finish(draft, "after-selection", effect, _known_variance(pair, n, n), rng)


def equal_failures(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """Both arms diverge at the same rate (5 to 40 %); the runs that end differ by the effect."""
    effect, draft = draw_effect(rng, null), _new(rng)
    n, rate = int(rng.choice([5, 10, 20])), float(rng.uniform(0.05, 0.4))
    _failing_arms(rng, draft, effect, n, (rate, rate))
    return _finish(draft, "equal-failures", effect, None, rng)


def failing_candidate(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """The candidate is better where it ends, but diverges in 25 to 60 % of its runs: not to be adopted."""
    effect, draft = draw_effect(rng, False), _new(rng)
    n = int(rng.choice([8, 10, 20]))
    _failing_arms(rng, draft, effect, n, (0.0, float(rng.uniform(0.25, 0.6))))
    return _finish(draft, "failing-candidate", 0.0, None, rng)


def peeking(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """The user looks after every seed, up to 10 to 20 per arm."""
    effect, draft, law = draw_effect(rng, null), _new(rng), any_law(rng)
    n = int(rng.choice([10, 15, 20]))
    _arms(rng, draft, law, effect, n, 1.0)
    return _finish(draft, "peeking", effect, None, rng, looks=list(range(2, n + 1)))


def one_run(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """One fresh run per arm, or none at all beside a search winner; with or without earlier repeats."""
    effect, draft, law = draw_effect(rng, null), _new(rng), any_law(rng)
    runs = int(rng.random() < 0.7)
    for index in range(int(rng.choice([0, 6]))):
        for seed, noise in enumerate(law(rng, 3)):
            draft.add("repeat", f"earlier{index}", seed, float(index) + noise)
    draft.add("search", "candidate", 0, -effect - 1.0)
    draft.add("search", "baseline", 0, float(rng.normal()))
    _arms(rng, draft, law, effect, runs, 1.0)
    known = _finish(draft, "one-run", effect, None, rng)
    return KnownCase(known.case, known.kind, (Truth("adopt", (), None),), known.facts)


def dev_sampling(rng: np.random.Generator, null: bool | None = None) -> KnownCase:
    """Accuracy on the same few hundred examples; the claim is about all examples and seeds."""
    effect = draw_effect(rng, null)
    n, examples = int(rng.choice([3, 5, 10])), int(rng.choice([300, 600, 1200]))
    width, seed_sd = float(rng.uniform(0.5, 1.5)), float(rng.uniform(0.05, 0.2))
    difficulty = rng.normal(1.2, 1.5, examples)
    # The two arms are exchangeable over examples, so the population difference is exactly 0 before the shift.
    lean = width * rng.normal(size=examples)
    slope = _sigmoid(difficulty) * (1 - _sigmoid(difficulty))
    sd = np.sqrt(np.var(2 * lean * slope) / examples + 2 * (seed_sd * slope.mean()) ** 2 / n + 0.05 / examples / n)
    shift = effect * STEPS_PER_EFFECT * sd / slope.mean()
    draft = _Draft(MetricView("maximize", 0.0, 1.0, "proportion"), [])
    for arm, sign in (("baseline", -1.0), ("candidate", 1.0)):
        for seed in range(n):
            logit = difficulty + sign * (lean + shift / 2) + seed_sd * rng.normal()
            hits = rng.random(examples) < _sigmoid(logit)
            text = "".join("1" if hit else "0" for hit in hits)
            draft.add("confirm", arm, seed, -float(hits.mean()), correct=text)
    extra = {"population": "examples_and_seeds"}
    smallest = float(0.3 * sd)
    gap = _mean_of(draft, "candidate") - _mean_of(draft, "baseline")
    oracle = _posterior(gap / sd, STEPS_PER_EFFECT)
    return _finish(draft, "dev-sampling", effect, oracle, rng, more=extra, min_effect=smallest, n_dev=examples)


KINDS: dict[str, Callable[[np.random.Generator, bool | None], KnownCase]] = {
    "plain": plain,
    "history": history,
    "after-selection": after_selection,
    "equal-failures": equal_failures,
    "failing-candidate": failing_candidate,
    "dev-sampling": dev_sampling,
    "peeking": peeking,
    "one-run": one_run,
}


def _new(rng: np.random.Generator) -> _Draft:
    return _Draft(draw_view(rng), [])


def _sd(rng: np.random.Generator, spread: float) -> float:
    return float(np.sqrt(spread / rng.chisquare(spread)))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _arms(
    rng: np.random.Generator, draft: _Draft, law: Law, effect: float, n: int, sd: float, level: float = 0.0
) -> Floats:
    """Adds `n` fresh runs per arm, `effect` SDs apart; the two means are returned."""
    pair = []
    for arm, mean in (("baseline", level + effect * sd), ("candidate", level)):
        costs = mean + sd * law(rng, n) if n else np.empty(0)
        for seed, cost in enumerate(costs):
            draft.add("confirm", arm, 100 + seed, float(cost))
        pair.append(float(costs.mean()) if n else np.nan)
    return np.array(pair)


def _failing_arms(rng: np.random.Generator, draft: _Draft, effect: float, n: int, rates: tuple[float, float]) -> None:
    law = any_law(rng)
    for (arm, mean), rate in zip((("baseline", effect), ("candidate", 0.0)), rates, strict=True):
        for seed, noise in enumerate(law(rng, n)):
            draft.add(
                "confirm", arm, 100 + seed, mean + float(noise), "diverged" if rng.random() < rate else "complete"
            )


def _mean_of(draft: _Draft, arm: str) -> float:
    return float(np.mean([trial["value"] for trial in draft.trials if trial["arm"] == arm]))


def _known_variance(means: Floats, n_a: int, n_b: int) -> float:
    """P(effect > 0 | difference of means) for a reader who knows the SD, 1."""
    se = float(np.sqrt(1 / n_a + 1 / n_b))
    return _posterior(float(means[0] - means[1]) / se, 1 / se)


def _posterior(z: float, per_effect: float) -> float:
    """P(effect > 0 | z) under the generator's own prior; an effect of 1 moves z by `per_effect`."""
    likelihood = np.exp(-0.5 * (z - per_effect * np.array((0.0, *EFFECTS))) ** 2)
    prior = np.array([NULL_SHARE, *([(1 - NULL_SHARE) / len(EFFECTS)] * len(EFFECTS))])
    joint = likelihood * prior
    return float(joint[1:].sum() / joint.sum()) if joint.sum() > 0 else float(z > 0)


def _finish(
    draft: _Draft,
    kind: str,
    effect: float,
    oracle: float | None,
    rng: np.random.Generator,
    *,
    looks: list[int] | None = None,
    more: Case | None = None,
    min_effect: float | None = None,
    n_dev: int | None = None,
) -> KnownCase:
    order = rng.permutation(len(draft.trials))
    smallest = float(rng.choice([0.25, 0.4, 0.5])) if min_effect is None else min_effect
    decision = {"baseline": "baseline", "candidate": "candidate", "alpha": 0.05, "margin": 0.0, "paired_by": None}
    study: Case = {
        "metric": draft.view.metric(smallest, **({} if n_dev is None else {"n_dev": n_dev})),
        "decision": {**decision, **(more or {})},
        "trials": [draft.trials[index] for index in order],
    }
    case: Case = {"case_id": f"adoption-{kind}", "task": "adoption", "study": study}
    if looks is not None:
        case["looks"] = looks
    return KnownCase(
        case, kind, (Truth("adopt", (), effect > 0, oracle),), {"effect": effect, "min_effect_sds": smallest}
    )
