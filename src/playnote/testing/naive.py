"""The rule most people use for each verdict, as a judge: what the tables show beside ours.

None of them ever says "unknown" while there is a number to compare, which is part of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from playnote.testing.known import Case, Floats

Verdicts = list[dict[str, Any]]


def naive_judge(case: Case) -> Verdicts:
    """Every verdict of the case by its naive rule."""
    return _TASKS[case["task"]](case["study"])


def _say(verdict: str, target: dict[str, Any], yes: bool | None) -> dict[str, Any]:
    return {"verdict": verdict, "target": target, "label": "unknown" if yes is None else "yes" if yes else "no"}


def _sign(study: Case) -> float:
    return 1.0 if study["metric"]["direction"] == "minimize" else -1.0


def _adoption(study: Case) -> Verdicts:
    """Better by more than one seed SD of the baseline; diverged runs are dropped."""
    decision = study["decision"]
    arms = {
        name: np.array([t["value"] for t in study["trials"] if t.get("arm") == name and t["value"] is not None])
        for name in (decision["baseline"], decision["candidate"])
    }
    base, new = arms[decision["baseline"]], arms[decision["candidate"]]
    if not len(base) or not len(new):
        return [_say("adopt", {}, None)]
    spread = base.std(ddof=1) if len(base) > 1 else 0.0
    return [_say("adopt", {}, bool(_sign(study) * (base.mean() - new.mean()) > spread + decision["margin"]))]


def _boundary(study: Case) -> Verdicts:
    """Best within a tenth of the edge; best lr in the top fifth below a divergence; rank correlation p > 5 %."""
    done = [t for t in study["trials"] if t["value"] is not None]
    out: Verdicts = []
    costs = _sign(study) * np.array([t["value"] for t in done])
    for axis in study["search"]["space"]:
        name, u = axis["name"], np.array([_unit(axis, t["params"][axis["name"]]) for t in done])
        at = float(u[np.argmin(costs)]) if len(u) else None
        for side in ("low", "high"):
            near = None if at is None else (at < 0.1 if side == "low" else at > 0.9)
            out.append(_say("boundary_too_narrow", {"param": name, "side": side}, near))
        out.append(_say("hp_inert", {"param": name}, None if len(u) < 4 else _uncorrelated(u, costs)))
        if name == "lr":
            bad = [_unit(axis, t["params"][name]) for t in study["trials"] if t["status"] == "diverged"]
            edge = None if at is None else bool(bad) and 0 <= min(bad) - at < 0.1
            out.append(_say("lr_at_divergence_edge", {"param": name}, edge))
    return out


def _unit(axis: Case, value: float) -> float:
    low, high = axis["low"], axis["high"]
    if axis["scale"] == "log":
        low, high, value = np.log(low), np.log(high), np.log(value)
    return float((value - low) / (high - low))


def _uncorrelated(u: Floats, costs: Floats) -> bool:
    n = len(u)
    rank = float(np.corrcoef(np.argsort(np.argsort(u)), np.argsort(np.argsort(costs)))[0, 1])
    return bool(abs(rank) * np.sqrt(n - 1) < 1.96)


def _curve(study: Case) -> Verdicts:
    """Best in the last tenth; no change over the last half; end worse than best; SD of the last quarter."""
    smallest, out = study["metric"]["min_effect"], []
    for trial in study["trials"]:
        y = _sign(study) * np.array([p["dev_metric"] for p in trial["curve"] if p["dev_metric"] is not None])
        n, target = len(y), {"trial_id": trial["trial_id"]}
        out.append(_say("still_improving", target, bool(np.argmin(y) >= n - max(1, n // 10))))
        out.append(_say("saturated_early", target, bool(y[n // 2] - y[-1] < smallest / 2)))
        out.append(_say("overfitting", target, bool(y[-1] - y.min() >= smallest)))
        tail = y[-max(2, n // 4) :]
        out.append(_say("step_variance_high", target, bool(tail.std(ddof=1) >= smallest)))
    return out


def _stability(study: Case) -> Verdicts:
    """A loss above a rolling mean by three SDs; a norm above the mean by three SDs."""
    out: Verdicts = []
    for trial in study["trials"]:
        target = {"trial_id": trial["trial_id"]}
        loss = np.array([np.nan if s["train_loss"] is None else s["train_loss"] for s in trial["steps"]])
        out.append(_say("loss_instability", target, _three_sigma(loss)))
        norms = np.array([s["grad_norm"] for s in trial["steps"] if s["grad_norm"] is not None])
        yes = bool(np.any(norms > norms.mean() + 3 * norms.std())) if len(norms) else None
        out.append(_say("grad_norm_outliers", target, yes))
    return out


def _three_sigma(loss: Floats, window: int = 50) -> bool:
    if np.isnan(loss).any():
        return True
    for index in range(window, len(loss)):
        past = loss[index - window : index]
        if loss[index] > past.mean() + 3 * past.std():
            return True
    return False


_LADDER = {
    "high_bias": ("human", "train"),
    "high_variance": ("train", "train_dev"),
    "data_mismatch": ("train_dev", "dev"),
    "dev_overfit": ("dev", "test"),
}


def _gaps(study: Case) -> Verdicts:
    """The point estimate of the gap against the smallest effect that matters."""
    splits, out = study["splits"], []
    rates = {name: split["errors"] / split["n"] for name, split in splits.items()}
    for verdict, (lower, upper) in _LADDER.items():
        if lower not in rates or upper not in rates:
            out.append(_say(verdict, {}, None))
        else:
            out.append(_say(verdict, {}, bool(rates[upper] - rates[lower] >= study["metric"]["min_effect"])))
    return out


_TASKS: dict[str, Callable[[Case], Verdicts]] = {
    "adoption": _adoption,
    "boundary": _boundary,
    "curve": _curve,
    "stability": _stability,
    "gaps": _gaps,
}
