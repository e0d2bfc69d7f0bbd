"""wandb in offline mode, one run after another."""

import wandb
from given import done, folder, rows, trials

for trial in trials():
    run = wandb.init(
        project="known",
        name=trial["name"],
        config={**trial["configuration"], "seed": trial["seed"]},
        dir=str(folder()),
        mode="offline",
    )
    for step, values in rows(trial):
        run.log(values, step=step)
    run.finish(exit_code=1 if trial["ends"] == "failed" else 0)
done(folder() / "wandb")
