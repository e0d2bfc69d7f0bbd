"""Where each type that a rule asks for comes from: one file a subject, merged here.

To give rules a new kind of fact, add its type and provider to the file of its subject; a new subject is a new
file and one line in `PROVIDERS`.
"""

from playnote.playbook.facts import (
    adoptions,
    batch,
    curves,
    declared,
    design,
    edges,
    history,
    ladder,
    learned,
    lengths,
    measurements,
    mistakes,
    preference,
    recipe,
    running,
    runs,
    shapes,
    splits,
    stability,
    study,
    two_lengths,
)
from playnote.playbook.facts.base import Giver, Provider, Reach, Target, of_project, of_round, of_target
from playnote.playbook.facts.curves import TopCurves
from playnote.playbook.facts.declared import Answers
from playnote.playbook.facts.runs import BaselineRuns, RoundTrials, SeedNoise, best_trials, seed_noise_of
from playnote.playbook.facts.study import ADAPTIVE, BoundaryFindings

PROVIDERS: dict[type, Provider] = {
    **declared.PROVIDERS,
    **runs.PROVIDERS,
    **study.PROVIDERS,
    **curves.PROVIDERS,
    **history.PROVIDERS,
    **splits.PROVIDERS,
    **preference.PROVIDERS,
    **recipe.PROVIDERS,
    **batch.PROVIDERS,
    **learned.PROVIDERS,
    **design.PROVIDERS,
    **edges.PROVIDERS,
    **mistakes.PROVIDERS,
    **adoptions.PROVIDERS,
    **measurements.PROVIDERS,
    **ladder.PROVIDERS,
    **stability.PROVIDERS,
    **lengths.PROVIDERS,
    **running.PROVIDERS,
    **two_lengths.PROVIDERS,
    **shapes.PROVIDERS,
}

__all__ = [
    "ADAPTIVE",
    "PROVIDERS",
    "Answers",
    "BaselineRuns",
    "BoundaryFindings",
    "Giver",
    "Provider",
    "Reach",
    "RoundTrials",
    "SeedNoise",
    "Target",
    "TopCurves",
    "best_trials",
    "of_project",
    "of_round",
    "of_target",
    "seed_noise_of",
]
