"""A training script that logs with wandb, offline, into the folder it is told."""

import sys

import wandb

run = wandb.init(project="known", dir=sys.argv[1], mode="offline")
for step in range(20):
    run.log({"dev/error": 1.0 / (1 + step)}, step=step)
run.finish()
