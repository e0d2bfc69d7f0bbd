"""A small project that has been through everything a page shows: rounds, errors, labels, answers, proposals."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from playnote.service import error_analysis, guidance, label_audit, metric_audit, proposals, rounds
from playnote.service.session import Session, open_project

NASTY = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">"\'`{{ 7 * 7 }}'
PROJECT = """
[project]
name = "Sorting line"
goal = "Read handwritten digits on the sorting line"
task = {{ type = "classification", modality = "image", supervision = "labels, double keyed" }}

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0
[[objective.constraints]]
metric = "latency"
at_most = 2.5

[splits]
dev = {{ source = "line", ids = "dev.txt" }}

[workflow]
function = "train:train"
max_train_steps = 20
evaluate_every = 1

[hyperparameters]
lr = {{ low = 0.001, high = 1.0, scale = "log", group = "optimizer" }}
decay = {{ low = 1e-6, high = 1e-2, scale = "log", group = "regularization" }}
width = {{ choices = [1, 2, 3], group = "architecture" }}
norm = {{ choices = ["none", {nasty}], group = "architecture" }}

[baseline]
lr = 0.1
decay = 1e-4
width = 1
norm = "none"

[budget]
trials = 400
hours = 1
"""
CODE = """
import math, os, random, time

def train(trial):
    made = random.Random(trial.seed)
    c = trial.configuration
    end = 1.0 + math.log10(c["lr"] / 0.03) ** 2 - 0.1 * c["width"] + made.gauss(0, 0.01)
    for step in range(1, 21):
        error = end + 2 * math.exp(-step / 5) + made.gauss(0, 0.01)
        if c["lr"] > 0.6 and step > 12:
            error = float("nan")
        trial.log(step, {"dev/error": error, "latency": float(c["width"])})
        if os.path.exists("slow"):
            time.sleep(0.05)
    ids = [f"digits/{at}.png" for at in range(200)]
    labels = [at % 4 for at in range(200)]
    wrong = [(at * 7 + trial.seed) % 5 == 0 for at in range(200)]
    said = [[float(k == (label + bad) % 4) for k in range(4)] for label, bad in zip(labels, wrong)]
    trial.predictions("dev", ids=ids, labels=labels, probabilities=said)
"""


def bare(folder: Path, *, nasty: bool = False) -> Session:
    """Declared, nothing run."""
    word = "'" + NASTY.replace("'", "’") + "'" if nasty else '"batch"'
    (folder / "playnote.toml").write_text(PROJECT.format(nasty=word), encoding="utf-8")
    (folder / "train.py").write_text(CODE, encoding="utf-8")
    (folder / "dev.txt").write_text("\n".join(f"digits/{at}.png" for at in range(200)), encoding="utf-8")
    (folder / "digits").mkdir(exist_ok=True)
    for at in range(200):
        (folder / "digits" / f"{at}.png").write_bytes(picture(at))
    return open_project(folder)


def grown(folder: Path, *, nasty: bool = False, per_value: int = 6) -> Session:
    """A baseline, one round that has run, a sample of errors and one of labels, an answer, a waiver, proposals."""
    session = bare(folder, nasty=nasty)
    said = NASTY if nasty else "One goal: fewer wrong digits on the sorting line"
    drain(rounds.baseline_run(session))
    rounds.round_new(
        session, NASTY if nasty else "Does width help once lr and decay are tuned?", {"width": [1, 2, 3]}, per_value
    )
    drain(rounds.round_run(session, on="inline"))
    guidance.answer(session, "A-single-goal", said)
    guidance.waive(session, "H1-data-wait", said)
    proposals.propose_answer(session, _asking()[1], said, actor="agent:reader")
    proposals.propose_waiver(session, _asking()[2], said, actor="agent:reader")
    proposals.ask_person(session, said, actor="agent:reader")
    ids = error_analysis.errors_sample(session, n=30)["ids"]
    error_analysis.errors_tag(session, {ids[0]: [said], ids[1]: ["blurry", "dark"], ids[2]: ["blurry"]})
    label_audit.labels_sample(session, "dev", disagreements=5, random=10)
    pair = metric_audit.metric_audit(session)["pairs"][0]
    metric_audit.metric_judge(session, *pair, "first")
    return session


def picture(at: int) -> bytes:
    """A small grey PNG with a bright square that moves."""
    rows = b"".join(
        b"\0" + bytes(255 if (x // 4, y // 4) == (at % 4, at // 4 % 4) else 40 for x in range(16)) for y in range(16)
    )
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def drain(steps: object) -> None:
    """Run to the end."""
    for _ in steps:  # type: ignore[attr-defined]
        pass


def _asking() -> list[str]:
    from playnote.playbook.catalog import CATALOG

    return [rule.id for rule in CATALOG if rule.asks is not None]
