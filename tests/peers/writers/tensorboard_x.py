"""tensorboardX: its own events and its own add_hparams, which makes a folder below the run."""

from given import done, folder, rows, trials
from tensorboardX import SummaryWriter

for trial in trials():
    writer = SummaryWriter(str(folder() / "runs" / trial["name"]))
    for step, values in rows(trial):
        for metric, value in values.items():
            writer.add_scalar(metric, value, step)
    writer.add_hparams({**trial["configuration"], "seed": trial["seed"]}, {"final": 1.0})
    writer.close()
done(folder() / "runs")
