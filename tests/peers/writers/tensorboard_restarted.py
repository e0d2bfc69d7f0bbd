"""A run that got to step 49, was killed, and went on from step 30 to 39."""

import time

from given import done, folder
from torch.utils.tensorboard import SummaryWriter

place = str(folder() / "runs" / "r")
writer = SummaryWriter(place)
for step in range(50):
    writer.add_scalar("dev/error", 1.0, step)
    writer.add_scalar("train/loss", 1.0, step)
writer.close()
time.sleep(1.1)  # files are named by the second
writer = SummaryWriter(place, purge_step=30)
for step in range(30, 40):
    writer.add_scalar("dev/error", 0.5, step)
    writer.add_scalar("train/loss", 2.5, step)
writer.close()
done(folder() / "runs")
