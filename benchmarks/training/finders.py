"""Playnote's `measure lr` and `measure batch-size` beside Lightning's `Tuner`, on the same model in one run.

    .venv-peers/bin/python benchmarks/training/finders.py [--out benchmarks/training/results/finders.md]

Needs `pytorch-lightning` (`make peers` makes an environment with it). Both learning rates are then used for the same
300 steps with the same fresh seeds; both batch sizes for 100 steps on the device whose memory ends late: at first it
holds 2,048 rows, from step 20 on 256. Before and after each finder weights, random numbers and settings are compared, and
so is what training gives afterwards. Both tools have the defaults their makers chose, and begin at the same values.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent / "finding"  # the model, and what each tool makes of it
sys.path.insert(0, str(HERE))
import finder_model as shared  # noqa: E402  it lies there

STEPS, SEEDS, LONGER = 300, (11, 12, 13, 14, 15), 25
PROJECT = """
[project]
name = "finders"

[objective]
optimize = "dev/loss"
direction = "minimize"
min_effect = 0.01

[workflow]
function = "finder_train:train"
max_train_steps = 300
evaluate_every = 50

[hyperparameters]
lr = { low = 1e-3, high = 1.0, scale = "log", group = "optimizer" }
batch_size = { low = 16, high = 8192, group = "optimizer" }

[baseline]
lr = 0.01
batch_size = 64
"""


def playnote_found(folder: Path, name: str) -> Mapping[str, Any]:
    """What `measure NAME` answers in a fresh project, and the steps it took."""
    from playnote.service.measure import Measured, measure
    from playnote.service.session import open_project

    folder.mkdir()
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    for file in ("finder_model.py", "finder_train.py"):
        shutil.copyfile(HERE / file, folder / file)
    *_, last = measure(open_project(folder), name)
    if not isinstance(last, Measured):
        raise TypeError(f"measure {name} ended without an answer")
    return {**dict(last.found.results)[name], "trials": len(last.trials), "answer": last.found.label}


def left_behind(folder: Path, name: str) -> tuple[Mapping[str, Any], Mapping[str, bool]]:
    """Playnote's answer, what differs in the process afterwards, and whether training ends in other weights."""
    from finder_lightning import STEPS_AFTER, random_state, same

    def trained(model: torch.nn.Module) -> list[torch.Tensor]:
        optimizer = shared.optimizer_of(model, 0.01)
        for _, (x, y) in zip(range(STEPS_AFTER), shared.batches(shared.BATCH, 0), strict=False):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        return [each.detach().clone() for each in model.parameters()]

    torch.manual_seed(0)
    untouched = trained(shared.network())
    torch.manual_seed(0)
    model = shared.network()
    before = {
        "weights": [each.detach().clone() for each in model.parameters()],
        "random state": random_state(),
        "module mode": model.training,
    }
    answer = playnote_found(folder, name)
    after = {
        "weights": [each.detach().clone() for each in model.parameters()],
        "random state": random_state(),
        "module mode": model.training,
    }
    changed = {each: not same(before[each], after[each]) for each in before}
    return answer, {**changed, "training afterwards": not same(trained(model), untouched)}


def lasts(batch: int, steps: int = 100) -> bool:
    """Whether training with this batch size reaches its end."""
    try:
        shared.fitted(0.01, steps, 0, batch, limited=True)
    except RuntimeError:
        return False
    return True


def losses(rate: float | None) -> list[float]:
    """Held-out loss after the same steps at a rate, seed by seed; infinite where there is no rate."""
    return [float("inf") if rate is None else shared.fitted(rate, STEPS, seed) for seed in SEEDS]


def compare() -> dict[str, Any]:
    """Run both tools; everything that the table shows."""
    import finder_lightning as theirs

    torch.set_num_threads(1)
    found: dict[str, Any] = {"leaks": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rate, found["leaks"]["playnote lr"] = left_behind(folder / "lr", "lr")
        batch, found["leaks"]["playnote batch-size"] = left_behind(folder / "batch", "batch-size")
        their_rate = theirs.lr_found(folder)
        sizes = {
            "power": theirs.batch_found(folder, "power"),
            "binsearch": theirs.batch_found(folder, "binsearch"),
            f"power, {LONGER} steps a size": theirs.batch_found(folder, "power", steps_per_trial=LONGER),
        }
        found["leaks"]["lightning lr_find"] = theirs.left_behind(
            folder, lambda trainer, module: theirs.Tuner(trainer).lr_find(module, update_attr=False)
        )
        found["leaks"]["lightning scale_batch_size"] = theirs.left_behind(
            folder, lambda trainer, module: theirs.Tuner(trainer).scale_batch_size(module, init_val=shared.BATCH)
        )
        found["batch"] = {
            "playnote": {"size": batch["largest"], "lasts": lasts(batch["largest"]), "chosen": batch["chosen"]},
            **{
                f"lightning {mode}": {"size": size, "lasts": size is not None and theirs.trains(folder, size)}
                for mode, size in sizes.items()
            },
        }
    found["lr"] = {
        "playnote": {"rate": rate["best"], "losses": losses(rate["best"]), "trials": rate["trials"]},
        "lightning": {"rate": their_rate, "losses": losses(their_rate)},
        "bracket": [rate["stable"], rate["unstable"]],
    }
    return found


def table(found: Mapping[str, Any]) -> str:
    """The comparison as Markdown."""
    lines = ["| learning rate | found | held-out loss after 300 steps, mean (SD over 5 seeds) |", "|---|---|---|"]
    for name in ("playnote", "lightning"):
        each = found["lr"][name]
        mean, deviation = statistics.fmean(each["losses"]), statistics.stdev(each["losses"])
        lines.append(f"| {name} | {each['rate']:.4g} | {mean:.4f} ({deviation:.4f}) |")
    stable, unstable = found["lr"]["bracket"]
    lines += [
        "",
        f"Playnote took {found['lr']['playnote']['trials']} trials of 300 steps, Lightning one sweep of 100 steps.",
    ]
    lines += [f"Playnote's bracket: stable at {stable}, unstable at {unstable}.", ""]
    lines += ["| batch size | largest found | 100 steps with it |", "|---|---|---|"]
    for name, each in found["batch"].items():
        lines.append(
            f"| {name} | {each['size']} | {'trained to the end' if each['lasts'] else 'out of memory at step 20'} |"
        )
    kinds = list(dict.fromkeys(kind for leaks in found["leaks"].values() for kind in leaks))
    lines += [
        "",
        f"| after it, is there a change in | {' | '.join(found['leaks'])} |",
        "|---" * (len(found["leaks"]) + 1) + "|",
    ]
    for kind in kinds:
        cells = [
            "-" if kind not in leaks else "changed" if leaks[kind] else "same" for leaks in found["leaks"].values()
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Compare and show; 0 where there is nothing to compare with, too."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--out", type=Path)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    try:
        import pytorch_lightning
    except ImportError:
        sys.stdout.write("Lightning is not installed here: make peers, then run this with .venv-peers/bin/python.\n")
        return 0
    found = compare()
    text = table(found)
    sys.stdout.write(json.dumps(found) + "\n" if given.json else text)
    if given.out:
        head = f"# Finders beside Lightning {pytorch_lightning.__version__}\n\n{__doc__}\n"
        given.out.write_text(head + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
