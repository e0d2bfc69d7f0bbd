"""Write `walk.md`: from an empty folder to a decided round on Fashion-MNIST, by running only what `next` prints.

    python docs/start/walk.py [--data FOLDER] [--rounds N]

FOLDER holds the four files of the data set (Debian's package `dataset-fashion-mnist`). Where a step asks, what a person
answers stands in `EDITS` and `ANSWERS`; everything else is the output of the commands. A run takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PLAYNOTE = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()"]
MOST_STEPS = 40
EDITS = {
    "# min_effect = 0.002": "min_effect = 0.01   # one point, 30 of the 3,000 dev pictures: less would change nothing",
    '# chance = "majority-class"': "chance = 0.9   # ten classes of one size",
    '# goal = "Read handwritten digits on the sorting line"': 'goal = "Name the kind of clothing on a shop picture"',
    '# task = { type = "classification", modality = "image", supervision = "labels" }': (
        'task = { type = "classification", modality = "image", supervision = "labels by the shop", '
        'paradigm = "from-scratch", architecture_from = "multilayer perceptron, the usual first network for MNIST" }'
    ),
    "# max_train_steps = 2000": "max_train_steps = 200",
    "# evaluate_every = 100": "evaluate_every = 20",
    "# [splits]": "[splits]",
    '# train = { source = "web", ids = "splits/train.txt" }': 'train = { source = "shop", ids = "splits/train.txt" }',
    '# dev = { source = "line", ids = "splits/dev.txt" }': 'dev = { source = "shop", ids = "splits/dev.txt" }',
    '# test = { source = "line", ids = "splits/test.txt" }': 'test = { source = "shop", ids = "splits/test.txt" }',
    '# deployment = "line"': 'deployment = "shop"',
    "# [hyperparameters]": "[hyperparameters]",
    '# lr = { low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }': (
        'lr = { low = 1e-3, high = 1.0, scale = "log", natural_low = 0.0, group = "optimizer" }\n'
        'dropout = { low = 0.0, high = 0.6, natural_low = 0.0, group = "regularization" }\n'
        'hidden = { choices = [64, 256], group = "size" }'
    ),
    '# weight_decay = { low = 1e-6, high = 1e-2, scale = "log", off = 0.0, group = "regularization" }': (
        'weight_decay = { low = 1e-6, high = 1e-2, scale = "log", off = 0.0, natural_low = 0.0, '
        'group = "regularization" }'
    ),
    "# [baseline]": "[baseline]",
    "# lr = 0.1": "lr = 0.01\ndropout = 0.0\nhidden = 64",
    "# weight_decay = 0.0": "weight_decay = 1e-4",
    "# [budget]": "[budget]",
    "# trials = 200": "trials = 200",
    "# hours = 2": "hours = 2",
}
ANSWERS = {
    "C2-train-role": "yes, Train alone; pictures are only divided by 255",
    "C1-decide-constraints": "none",
    "B-data-cleaned": "yes, the authors of the data set did it",
    "B-data-scale": "enough for a first network: 3,000 pictures, 50,000 parameters; more is a later round",
    "B-metric-ready": "share of wrong names on shop pictures, what the shop counts, too",
    "G1-declare-regime": "not bound: a run takes seconds",
    "G1-round1-short": "200",
    "D1-start-proven": "multilayer perceptron of the data set's own benchmark table (2017)",
    "D1-find-references": "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, 2017",
    "D1-stable-backbone": "perceptron with one hidden layer: trains in seconds and is well understood",
    "D1-choose-family": "multilayer perceptron",
    "D1-choose-size": "small",
    "D1-arch-family": "yes, the width",
    "D1-reproduce": "none for 3,000 training pictures",
    "D2-initial-lr": "a guess that trains stably",
    "D4-steps-initial": "a small experiment: the loss is nearly flat at the end",
    "F2-train-systematic": "shirt, pullover and coat: they look alike",
    "F1-bayes-limit": "people reach about 16 % according to the data set's own page",
}
UNKNOWN = "to be looked up"


def main() -> None:
    """Walk, and write the transcript."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    options.add_argument("--rounds", type=int, default=1)
    given = options.parse_args()
    os.environ["FASHION_MNIST"] = str(Path(given.data).absolute())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "fashion"
        folder.mkdir()
        shutil.copy(HERE / "fashion" / "train.py", folder / "train.py")
        subprocess.run([sys.executable, "train.py", "splits"], cwd=folder, check=True)
        text = walk(folder, given.rounds)
    (HERE / "walk.md").write_text(text, encoding="utf-8")


def walk(folder: Path, rounds: int) -> str:
    """The transcript of every step until so many rounds are closed."""
    page = Page(folder)
    page.say(OPENING)
    page.run(["init", ".", "--run", "train:train", "--optimize", "dev/error", "--direction", "minimize", "--yes"])
    asked = False
    for _ in range(MOST_STEPS):
        step = json.loads(page.ask(["next", "--json"]))["data"]
        if step["asks"] and asked:
            raise SystemExit(f"two declarations in a row: {step['command']}")
        page.run(["next"])
        asked = bool(step["asks"])
        words = shlex.split(step["command"])[1:]
        if words[:1] == ["answer"]:
            words[-1] = ANSWERS.get(words[1], UNKNOWN)
            page.say("*A person answers:*")
        elif step["stage"] == "declare":
            page.edit()
        page.run(words)
        if words[:2] == ["round", "run"]:
            page.run(["round", "show"])
        if words[:2] == ["round", "close"]:
            rounds -= 1
            if not rounds:
                break
    else:
        raise SystemExit(f"nothing was decided in {MOST_STEPS} steps")
    page.run(["next"])
    return page.text()


class Page:
    """The transcript: commands and their output, and what a person wrote between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blocks: list[str] = []

    def say(self, words: str) -> None:
        """A sentence between two commands."""
        self.blocks.append(words)

    def ask(self, words: list[str]) -> str:
        """Standard output of a command, not shown."""
        done = subprocess.run([*PLAYNOTE, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            raise SystemExit(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, words: list[str]) -> None:
        """A command and its output, without what names this machine."""
        out = self.ask(words).replace(str(self.folder), ".")
        out = re.sub(r"/tmp/\S+/fashion", ".", out)
        self.blocks.append(f"```text\n$ playnote {shown(words)}\n{out.rstrip()}\n```")
        print(f"$ playnote {shown(words)}\n{out}", flush=True)

    def edit(self) -> None:
        """A person writes what the step asks for into the project file."""
        file = self.folder / "playnote.toml"
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = [EDITS.get(line, line) for line in lines if not line.startswith("# todo:")]
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
        self.blocks.append("*A person fills in `playnote.toml`:*\n\n```toml\n" + "\n".join(kept).strip() + "\n```")

    def text(self) -> str:
        """The page."""
        return "\n\n".join(self.blocks) + "\n"


def shown(words: list[str]) -> str:
    """A command as one types it."""
    return " ".join(f'"{word}"' if " " in word else word for word in words)


OPENING = """# From an empty folder to a decision

A small network on Fashion-MNIST. The folder holds [train.py](fashion/train.py) and the ids of the splits; from `init` on,
the only commands are those that `playnote next` prints. This page is written by [walk.py](walk.py): run it again and it is
written anew (figures differ by machine only in their times)."""


if __name__ == "__main__":
    main()
