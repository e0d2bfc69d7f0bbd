"""Playnote itself, where pyarrow is: trials into a Parquet file and back; prints what came back."""

import json
import sys
from pathlib import Path

from given import folder, trials

sys.path.insert(0, str(Path(__file__).parents[3] / "src"))
from playnote.connectors.choose import read_source
from playnote.connectors.imported import Wanted
from playnote.connectors.parquet import write_parquet
from playnote.connectors.table_out import of_one_type, reading_columns, trial_columns

given = folder() / "readings.jsonl"
lines = [
    {"trial": each["name"], "state": each["ends"], "step": step, "metric": metric, "value": value, "seed": each["seed"]}
    | {"mixed": [1, "1", True, 2.5][at % 4], **each["configuration"]}
    for at, each in enumerate(trials())
    for metric, series in each["series"].items()
    for step, value in series
]
given.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
wanted = Wanted(metric="dev/error", direction="minimize")
before = read_source(str(given), wanted)


def told(got):
    return repr([(t.id, sorted(t.configuration.items()), t.seed, t.outcome) for t in got.state.trials])


def curves(got):
    found = [
        (t.id, m, got.state.curves.curve(t.id, m)) for t in got.state.trials for m in got.state.curves.metrics(t.id)
    ]
    return repr([(name, metric, each.steps.tolist(), each.values.tolist()) for name, metric, each in found])


write_parquet(folder() / "trials.parquet", of_one_type(trial_columns(before.state)))
write_parquet(folder() / "curves.parquet", of_one_type(reading_columns(before.state)))
rows = read_source(str(folder() / "trials.parquet"), Wanted(direction="minimize"))
readings = read_source(str(folder() / "curves.parquet"), wanted)
scores = [{t.id: got.state.readings[t.id].score for t in got.state.trials} for got in (before, rows, readings)]
same = [
    told(before) == told(rows) == told(readings),
    curves(before) == curves(readings),
    scores[0] == scores[1] == scores[2],
]
sys.stdout.write(f"\n{json.dumps(same)}\n")
