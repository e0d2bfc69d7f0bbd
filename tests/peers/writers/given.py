"""What a writer script is given: the trials to write, and where."""

import json
import sys
from pathlib import Path


def trials():
    """A list of dicts: name, configuration, seed, series (by metric: [step, value] pairs), ends."""
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def folder():
    return Path(sys.argv[2])


def rows(trial):
    """The readings step by step: (step, {metric: value})."""
    steps = {}
    for metric, series in trial["series"].items():
        for step, value in series:
            steps.setdefault(step, {})[metric] = value
    return sorted(steps.items())


def done(source):
    """Says what is to be read; the script's last line."""
    sys.stdout.write(f"\n{source}\n")
