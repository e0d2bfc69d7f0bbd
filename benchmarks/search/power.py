"""Is the stated 80 % reached? Planned comparisons on tables of real training runs, several seeds a configuration.

    OPENBLAS_NUM_THREADS=1 nice -n 10 python benchmarks/search/power.py [COMPARISONS]

A comparison: 16 random configurations, run for two values that share them, each with another real seed. The second
value is better by the smallest effect that the plan states; it states it from the repeats of an earlier study's best
configurations (their seeds pooled) and that study's scores. Counted: how often the plan's own threshold is passed.
Writes results/power.md and results/power.svg.
"""

from __future__ import annotations

import sys

import numpy as np
from store import FOLDER
from tables import FCNET, MLP, Table, table_of

from playnote.search.detect import SeedNoise, smallest_effect

COUNT, EARLIER = 16, 16
REPEATED = (1, 2, 4)
"""How many of the earlier study's best configurations were repeated; one is what a baseline is."""

BAND = (0.75, 0.85)


def comparisons(table: Table, number: int, best: int, rng: np.random.Generator) -> tuple[int, int, int]:
    """How often the stated effect is seen, how often one is seen where there is none, of how many."""
    runs = np.array([each for each in table.scores.values() if len(each) >= 4], dtype=object)
    seen = alarms = 0
    for _ in range(number):
        before = [runs[at] for at in rng.integers(len(runs), size=EARLIER)]
        first = np.array([each[0] for each in before])
        # What a user repeats is what did best; the seed that made it the best is left out of its repeats.
        repeated = [before[at][1:] for at in np.argsort(first)[:best]]
        freedom = sum(len(each) - 1 for each in repeated)
        sd = float(np.sqrt(sum(np.var(each) * len(each) for each in repeated) / freedom))
        if sd <= 0:
            continue
        stated = smallest_effect(SeedNoise(sd, freedom), 2, alpha=0.05, power=0.8, earlier=first, per_value=COUNT)
        chosen = [rng.permutation(runs[at])[:2] for at in rng.integers(len(runs), size=COUNT)]
        gap = min(each[0] for each in chosen) - min(each[1] for each in chosen)
        seen += gap + stated.effect > stated.threshold
        alarms += gap > stated.threshold
    return int(seen), int(alarms), number


def figure(shares: dict[str, float]) -> str:
    """One dot a table on a line from 0 to 1; the band wanted is shaded."""
    height, left, width = 22 * len(shares) + 50, 230, 380
    x = {share: left + width * share for share in (0.0, *BAND, 0.8, 1.0)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 40}" height="{height}" font-size="12" '
        'font-family="sans-serif">',
        f'<rect x="{x[BAND[0]]}" y="10" width="{x[BAND[1]] - x[BAND[0]]}" height="{height - 40}" fill="#dde8f3"/>',
        f'<line x1="{x[0.8]}" x2="{x[0.8]}" y1="10" y2="{height - 30}" stroke="#4477aa"/>',
    ]
    for at, (name, share) in enumerate(shares.items()):
        y = 25 + 22 * at
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end">{name}</text>')
        parts.append(f'<circle cx="{left + width * share:.1f}" cy="{y}" r="4"/>')
    for share in (0.0, 0.8, 1.0):
        parts.append(f'<text x="{x[share]}" y="{height - 12}" text-anchor="middle">{share:g}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _shares(name: str, number: int, at: int) -> list[tuple[float, float]]:
    made = [comparisons(table_of(name), number, best, np.random.default_rng((12, at))) for best in REPEATED]
    return [(seen / of, alarms / of) for seen, alarms, of in made]


def main() -> None:
    """Every table, a page and a figure."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    lines = ["# Stated power on tables of real runs", "", "Power at the stated effect / false alarms, by how many of "]
    lines[-1] += "the earlier study's best configurations were repeated to know the seed noise."
    lines += ["", "| table | " + " | ".join(f"{best} repeated" for best in REPEATED) + " |"]
    lines.append("|---" * (1 + len(REPEATED)) + "|")
    found = {name: _shares(name, number, at) for at, name in enumerate((*MLP, *FCNET))}
    found["mean"] = [tuple(np.mean([each[at] for each in found.values()], axis=0)) for at in range(len(REPEATED))]
    for name, shares in found.items():
        lines.append(f"| {name} | " + " | ".join(f"{power:.3f} / {alarms:.3f}" for power, alarms in shares) + " |")
    lines += ["", f"{number} comparisons a table; stated: 0.80 and 0.05; wanted: {BAND[0]} to {BAND[1]}."]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "power.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (FOLDER / "power.svg").write_text(figure({name: shares[0][0] for name, shares in found.items()}), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
