"""The laws that join the views of a question about a study into one probability.

Written by `python -m playnote.testing.fit --write`: fitted on 3,840 made-up studies of the families
that the tables of error rates are counted on (seed 7001) and 1,920 of further families (seed
7002), four samplers, 6 to 200 trials, 0, 3 or 35 % of unrelated failures. The tables are counted on
another seed. What each name means stands where it is measured: `views_of_side` in `boundary.py`,
`views_of_reach` in `inert.py`, `views_of_edge` in `divergence_edge.py`.
"""

from __future__ import annotations

from playnote.stats.logistic_law import Law

BOUNDARY = Law(
    level=-4.0577,
    weights={
        "place": -4.9449,
        "log": -0.5199,
        "log share": 1.1249,
        "log x trials": -0.1025,
        "log x seen": 0.1302,
        "log best share": 1.4294,
        "plain share": 1.3469,
        "stretched": 0.2114,
        "stretched best size": 0.2096,
        "any": -0.1496,
        "any x seen": 0.0780,
        "reach": 0.5048,
        "half": -0.0706,
        "half x trials": -0.1393,
        "crowd": -1.0443,
        "crowd x trials": -0.8539,
        "top": 0.3232,
        "top x seen": -1.6677,
        "noise": -0.1892,
        "trials": 0.1060,
        "dimensions": 0.2290,
        "seen": 0.1055,
    },
    merged=(0.2200, 0.8041, 0.5000),
)

INERT = Law(
    level=-0.0959,
    weights={
        "once": 0.0411,
        "once x seen": 0.0767,
        "four times": 0.2588,
        "mean size": 0.2423,
        "plain size": -0.7977,
        "log size": -0.3228,
        "log best size": -0.3490,
        "log": -0.0978,
        "beyond": 0.9506,
        "line": -0.3219,
        "line x seen": 0.1123,
        "lost": -0.8173,
        "lost better": -1.0155,
        "narrow": 0.7514,
        "trials": -0.3199,
        "asked": -0.8015,
        "typical": -3.5748,
        "seen": 0.8142,
    },
    merged=(0.4200, 0.5267, 0.5000),
)

EDGE = Law(
    level=0.8737,
    weights={
        "near": 0.3196,
        "near best": 0.2165,
        "wide": 0.5292,
        "wide best": 0.3879,
        "spread": -5.1002,
        "step": 0.1994,
        "trials": -0.4062,
        "seen": -0.2473,
    },
)
