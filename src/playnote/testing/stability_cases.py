"""Step logs with planted loss excursions and gradient outliers, and the benign things that look like them."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np

from playnote.testing.known import Case, Floats, KnownCase, Truth, draw_view
from playnote.testing.noise_laws import autocorrelated, log_normal, normal, student

SICK = ("spike-early", "spike-mid", "spike-late", "slow-divergence", "nan")
HEALTHY = ("quiet", "hard-batches", "edge-of-stability", "sawtooth", "heavy-tails", "lr-drop", "restarts", "batch-mix")
UNDECIDABLE = ("too-short",)
NORMS = ("outliers", "log-normal", "drifting", "clipped", "absent")


def stability_case(rng: np.random.Generator, *, kind: str = "quiet", norms: str = "log-normal") -> KnownCase:
    """One trial with a loss and a gradient norm at every step (every 5th in one case of five)."""
    n = int(rng.integers(15, 60)) if kind == "too-short" else int(rng.choice([300, 600, 1200]))
    sd = float(10 ** rng.uniform(-2, -0.8))
    loss = _background(rng, n) + sd * _noise(rng, n, kind)
    loss, oracle = _plant(rng, loss, kind, sd)
    norm = _norms(rng, n, norms)
    every, view = int(rng.choice([1, 1, 1, 1, 5])), draw_view(rng)
    steps = [
        {
            "step": every * (index + 1),
            "train_loss": float(loss[index]) if np.isfinite(loss[index]) else None,
            "grad_norm": None if norm is None else float(norm[index]),
        }
        for index in range(n)
    ]
    diverged = kind == "nan"
    trial: Case = {"trial_id": "t0", "role": "search", "seed": 0, "status": "diverged" if diverged else "complete"}
    trial.update(value=None if diverged else view.value(1.0), total_steps=every * n, steps=steps)
    trial["clipped"] = norms == "clipped"
    trial["schedule"] = {
        "kind": {"lr-drop": "step", "restarts": "restarts"}.get(kind, "cosine"),
        "peak_lr": 0.01,
        "warmup_steps": 0,
    }
    study = {"metric": view.metric(0.02), "trials": [trial]}
    case: Case = {"case_id": f"stability-{kind}", "task": "stability", "study": study}
    return KnownCase(case, kind, _truths(kind, norms, n, oracle), {"norms": norms, "steps": n})


def _truths(kind: str, norms: str, n: int, oracle: float | None) -> tuple[Truth, ...]:
    target = (("trial_id", "t0"),)
    unstable = None if kind in UNDECIDABLE else kind in SICK
    outliers = None if norms in {"clipped", "absent"} or n < 50 else norms == "outliers"
    return (Truth("loss_instability", target, unstable, oracle), Truth("grad_norm_outliers", target, outliers))


def _background(rng: np.random.Generator, n: int) -> Floats:
    at = np.arange(n) / n
    drop, speed = rng.uniform(0.5, 3.0), rng.uniform(3.0, 40.0)
    if rng.random() < 0.5:
        return np.asarray(1.0 + drop * (1.0 + speed * at) ** -rng.uniform(0.5, 1.5))
    return np.asarray(1.0 + drop / (1.0 + (speed * at) ** rng.uniform(0.8, 1.5)))


def _noise(rng: np.random.Generator, n: int, kind: str) -> Floats:
    if kind == "heavy-tails":
        return student(rng, n, 3.0)
    if kind == "batch-mix":
        return np.where(rng.random(n) < 0.2, rng.uniform(3.0, 8.0), 0.0) + 0.5 * normal(rng, n)
    if rng.random() < 0.3:
        return log_normal(rng, n)
    return autocorrelated(rng, n, float(rng.choice([0.0, 0.2, 0.5])))


def _plant(rng: np.random.Generator, loss: Floats, kind: str, sd: float) -> tuple[Floats, float | None]:
    """The loss with its event, and what a reader who knows place, length and noise of a spike would say."""
    n = len(loss)
    if kind.startswith("spike"):
        low, high = {"early": (0.01, 0.05), "mid": (0.2, 0.7), "late": (0.8, 0.95)}[kind.split("-")[1]]
        shape = _spike(rng, n, int(n * rng.uniform(low, high)) + 3)
        height = float(rng.uniform(5.0, 25.0))
        strength = height * float(np.sqrt(np.sum(shape**2))) + rng.normal()
        return loss + sd * height * shape, _cdf(strength - 3.0)
    if kind == "slow-divergence":
        start = int(n * rng.uniform(0.4, 0.8))
        ramp = np.clip((np.arange(n) - start) / (n - start), 0, None) ** rng.uniform(1.0, 2.0)
        return loss + sd * rng.uniform(8.0, 40.0) * ramp, None
    if kind == "nan":
        out = loss.copy()
        out[int(n * rng.uniform(0.1, 0.98)) :] = np.nan
        return out, None
    return loss + sd * _benign(rng, n, kind), _cdf(float(rng.normal()) - 3.0)


def _cdf(z: float) -> float:
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


def _spike(rng: np.random.Generator, n: int, start: int) -> Floats:
    """A rise of 1 to 4 steps, then an exponential or a power-law way down over 6 to 80 steps; peak 1."""
    rise, length = int(rng.integers(1, 5)), float(rng.uniform(6.0, min(80.0, n / 6)))
    since = np.arange(n) - start
    down = np.exp(-since / length) if rng.random() < 0.5 else (1.0 + np.clip(since, 0, None) / length) ** -2.0
    up = np.clip(1.0 + since / rise, 0.0, 1.0)
    return np.where(since < 0, up, down)


def _benign(rng: np.random.Generator, n: int, kind: str) -> Floats:
    at = np.arange(n)
    if kind == "hard-batches":
        out = np.zeros(n)
        out[rng.choice(n, size=max(1, n // 80), replace=False)] = rng.uniform(5.0, 40.0)
        return out
    if kind == "edge-of-stability":
        return np.asarray(
            rng.uniform(1.0, 4.0) * np.clip(at / n * 3, 0, 1) * np.cos(np.pi * at * rng.uniform(0.7, 1.0))
        )
    if kind == "sawtooth":
        period = int(rng.integers(max(20, n // 12), max(40, n // 4)))
        return np.asarray(rng.uniform(2.0, 5.0) * (1.0 - (at % period) / period))
    if kind == "lr-drop":
        return np.where(at < n * rng.uniform(0.4, 0.7), rng.uniform(4.0, 15.0), 0.0)
    if kind == "restarts":
        return np.asarray(rng.uniform(2.0, 4.0) * 0.5 * (1.0 + np.cos(np.pi * ((3.0 * at / n) % 1.0))))
    return np.zeros(n)


def _norms(rng: np.random.Generator, n: int, norms: str) -> Floats | None:
    if norms == "absent":
        return None
    sigma = float(rng.uniform(0.1, 0.5))
    out = np.exp(float(rng.normal()) + sigma * autocorrelated(rng, n, float(rng.choice([0.0, 0.3, 0.6]))))
    if norms == "drifting":
        out = out * np.exp(rng.choice([-1.5, 1.5]) * np.arange(n) / n)
    if norms == "outliers":
        where = rng.choice(n, size=max(1, int(n * rng.uniform(0.003, 0.02))), replace=False)
        out[where] *= np.exp(6.0 * sigma) * rng.uniform(4.0, 40.0, len(where))
    if norms == "clipped":
        out = np.minimum(out, np.quantile(out, rng.uniform(0.5, 0.95)))
    return np.asarray(out)
