"""The measured error rates as one Markdown page: every figure with its count, every missed target named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan

from playnote.testing.scoring import Row, Score, Share, score
from playnote.testing.targets import (
    BRIER_OVER_ORACLE,
    CPU_SECONDS,
    FAILING_CANDIDATE,
    FALSE_ADOPTION,
    FALSE_ADOPTION_LOWER_BOUND,
    FALSE_REASSURANCE,
    GOALS,
    Goal,
)

INTRO = """# Error rates of the verdicts

Written by `make calibrate`; do not edit. Every figure comes from made-up cases with known truth
(`playnote.testing`), whose curve families, noise laws and schedules are not those the estimators assume.

- **recall**: answered "yes" where it is true. **false alarm**: "yes" where it is false.
- **false reassurance**: "no" where it is true. **unknown**: answered "unknown" though there is a truth.
- **must be unknown**: answered "unknown" where the case cannot decide. 1.00 is the only right figure.
- **naive**: recall / false alarm of the rule most people use, on the same cases.
- **oracle**: recall at 5 % false alarms of a reader who knows the noise and the shape; "-" where none was built.
- Brackets hold the exact 95 % interval (Clopper-Pearson). Cases of one table are independent; answers of one search
  (its several hyperparameters and sides) are not, so those intervals are somewhat too narrow.
- False adoptions are counted on at least 2,000 exact nulls a kind, everything else on the mixed stream.
- A target is called **missed** by point estimate, whatever the interval says.
"""


def render(rows: Sequence[Row], nulls: Sequence[Row], seeds: Sequence[int]) -> str:
    """The page. `nulls` are the exact nulls of the adoption gate, counted apart."""
    parts = [INTRO, f"Seeds of the streams: {', '.join(map(str, sorted(set(seeds)))) or '-'}.\n"]
    for task in ("adoption", "boundary", "curve", "stability", "gaps"):
        parts.append(_task(task, [row for row in rows if row.task == task], nulls))
    parts += [_nulls(nulls), _reassurance(rows), _missed(rows, nulls)]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def goal_rows(goal: Goal, rows: Sequence[Row]) -> list[Row]:
    """The rows that a target is counted over."""
    return [row for row in rows if row.verdict == goal.verdict and (not goal.kinds or row.kind in goal.kinds)]


def goal_score(goal: Goal, rows: Sequence[Row], nulls: Sequence[Row]) -> Score:
    """The figures of one line; false adoptions are counted on the exact nulls, which are many more."""
    found = score(goal_rows(goal, rows))
    exact = [row for row in nulls if row.kind in goal.kinds]
    if exact:
        found = replace(found, false_alarm=score(exact).false_alarm)
    if not found.recall.n or not found.false_alarm.n:
        # With one kind of truth alone a frequency says nothing about stated probabilities.
        found = replace(found, brier=nan, ece=nan, oracle_brier=nan)
    return found


def shortfalls(goal: Goal, found: Score) -> list[str]:
    """Each target of a line that is missed, and by how much."""
    checks = (
        ("recall", goal.recall, found.recall, 1),
        ("false alarm", goal.false_alarm, found.false_alarm, -1),
        ("false reassurance", FALSE_REASSURANCE, found.false_reassurance, -1),
        ("must be unknown", 1.0, found.must_unknown, 1),
    )
    out = [
        f"{name} {share.value:.3f}, target {target:.2f}"
        for name, target, share, sign in checks
        if target is not None and share.n and sign * (share.value - target) < 0
    ]
    for name, value, limit in (
        ("ECE", found.ece, goal.ece),
        ("CPU mean (ms)", 1e3 * found.cpu_mean, 1e3 * CPU_SECONDS),
        ("Brier over oracle", found.brier - found.oracle_brier, BRIER_OVER_ORACLE),
        ("crashes", float(found.crashes), 0.0),
        ("p against label", float(found.contradictions), 0.0),
    ):
        if not isnan(value) and value > limit:
            out.append(f"{name} {value:.3f}, target {limit:.2f}")
    if goal.auc is not None and found.auc < goal.auc:
        out.append(f"AUC {found.auc:.3f}, target {goal.auc:.2f}")
    return out


def _task(task: str, rows: Sequence[Row], nulls: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = (
        "| verdict | true / false | recall | target | false alarm | target | false reassurance | unknown "
        "| must be unknown | naive | oracle | Brier (oracle) | ECE | AUC | CPU ms mean / worst |"
    )
    lines = [f"## {task.capitalize()}\n", head, "|" + "---|" * 15]
    for goal in GOALS:
        if goal.task == task:
            lines.append(_line(goal, goal_score(goal, rows, nulls)))
    return "\n".join(lines) + "\n"


def _line(goal: Goal, found: Score) -> str:
    cells = (
        goal.name + ("" if isnan(found.seeds_mean) else f" ({found.seeds_mean:.1f} seeds)"),
        f"{found.recall.n} / {found.false_alarm.n}",
        _share(found.recall),
        _number(goal.recall),
        _share(found.false_alarm),
        _number(goal.false_alarm),
        _share(found.false_reassurance),
        _number(found.unknown.value),
        f"{_number(found.must_unknown.value)} of {found.must_unknown.n}" if found.must_unknown.n else "-",
        f"{_number(found.naive_recall.value)} / {_number(found.naive_false_alarm.value)}",
        _number(found.oracle_recall),
        f"{_number(found.brier, 3)} ({_number(found.oracle_brier, 3)})",
        _number(found.ece, 3),
        _number(found.auc),
        f"{1e3 * found.cpu_mean:.1f} / {1e3 * found.cpu_worst:.0f}",
    )
    return "| " + " | ".join(cells) + " |"


def _nulls(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [
        "## False adoption on exact nulls\n",
        f"Limit: at most {FALSE_ADOPTION:.0%}, one-sided lower 95 % bound at most {FALSE_ADOPTION_LOWER_BOUND:.0%}; "
        f"a candidate that truly fails more often: at most {FAILING_CANDIDATE:.0%}.\n",
        "| kind | nulls | adopted | lower 95 % bound | within the limit | naive |",
        "|---|---|---|---|---|---|",
    ]
    for kind, group in _by_kind(rows).items():
        found = score(group)
        share, good = found.false_alarm, null_holds(kind, found.false_alarm)
        lines.append(
            f"| {kind} | {share.n} | {share.value:.4f} | {share.lower_bound():.4f} | {'yes' if good else '**no**'} "
            f"| {found.naive_false_alarm.value:.3f} |"
        )
    return "\n".join(lines) + "\n"


def null_holds(kind: str, share: Share) -> bool:
    """Whether the false adoptions of a kind stay within its limit."""
    if kind == "failing-candidate":
        return share.value <= FAILING_CANDIDATE
    return share.value <= FALSE_ADOPTION and share.lower_bound() <= FALSE_ADOPTION_LOWER_BOUND


def _by_search(rows: Sequence[Row]) -> list[tuple[tuple[str, str, float], Share]]:
    """False reassurance per verdict, sampler and share of unrelated failures."""
    groups: dict[tuple[str, str, float], list[Row]] = defaultdict(list)
    for row in rows:
        if "sampler" in row.facts and row.truth is not None and row.verdict != "hp_coupled":
            groups[row.verdict, row.facts["sampler"], row.facts["failures"]].append(row)
    return [(key, score(group).false_reassurance) for key, group in sorted(groups.items())]


def _reassurance(rows: Sequence[Row]) -> str:
    groups = _by_search(rows)
    if not groups:
        return ""
    lines = [
        "## False reassurance by sampler and unrelated failures\n",
        f"Limit: {FALSE_REASSURANCE:.0%} in every line.\n",
        '| verdict | sampler | unrelated failures | true | "no" though true | within the limit |',
        "|---|---|---|---|---|---|",
    ]
    for (verdict, sampler, failures), share in groups:
        good = not share.n or share.value <= FALSE_REASSURANCE
        lines.append(
            f"| {verdict} | {sampler} | {failures:.0%} | {share.n} | {_share(share)} | {'yes' if good else '**no**'} |"
        )
    return "\n".join(lines) + "\n"


def _missed(rows: Sequence[Row], nulls: Sequence[Row]) -> str:
    lines = ["## Missed targets\n"]
    for goal in GOALS:
        group = goal_rows(goal, rows)
        if group:
            lines += [f"- {goal.name}: {short}" for short in shortfalls(goal, goal_score(goal, rows, nulls))]
    for (verdict, sampler, failures), share in _by_search(rows):
        if share.n and share.value > FALSE_REASSURANCE:
            low, high = share.interval()
            found = f"{share.value:.3f} [{low:.2f}, {high:.2f}] of {share.n}"
            lines.append(f"- {verdict}, {sampler}, {failures:.0%} unrelated failures: false reassurance {found}")
    for kind, group in _by_kind(nulls).items():
        share = score(group).false_alarm
        if not null_holds(kind, share):
            lines.append(f"- exact nulls, {kind}: {share.value:.4f} adopted of {share.n}")
    return "\n".join(lines if len(lines) > 1 else [*lines, "None."]) + "\n"


def _by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.kind].append(row)
    return dict(sorted(groups.items()))


def _share(share: Share) -> str:
    if not share.n:
        return "-"
    low, high = share.interval()
    return f"{share.value:.2f} [{low:.2f}, {high:.2f}]"


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None or isnan(value) else f"{value:.{digits}f}"
