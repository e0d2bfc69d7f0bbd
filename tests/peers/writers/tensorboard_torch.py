"""torch's SummaryWriter; with "double", scalars as tensors of doubles."""

import sys

from given import done, folder, rows, trials
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

double = sys.argv[3:] == ["double"]
for trial in trials():
    writer = SummaryWriter(str(folder() / "runs" / trial["name"]))
    for part in hparams({**trial["configuration"], "seed": trial["seed"]}, {}):
        writer.file_writer.add_summary(part)
    for step, values in rows(trial):
        for metric, value in values.items():
            writer.add_scalar(metric, value, step, new_style=double, double_precision=double)
    writer.close()
done(folder() / "runs")
