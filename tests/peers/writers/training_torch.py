"""A training script that logs with torch's SummaryWriter into the folder it is told."""

import sys

from torch.utils.tensorboard import SummaryWriter

writer = SummaryWriter(sys.argv[1])
for step in range(20):
    writer.add_scalar("dev/error", 1.0 / (1 + step), step)
writer.close()
