"""Train a line with Lightning and the callback; print what every step's loss, norm and rate were, reckoned apart."""

import json
import sys
import warnings

import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from playnote.adapters import lightning_callback

warnings.simplefilter("ignore")
ACCUMULATE = 2


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.line, self.losses, self.norms, self.rates = torch.nn.Linear(3, 1), [], [], []

    def training_step(self, batch, index):
        loss = ((self.line(batch[0]) - batch[1]) ** 2).mean()
        self.losses.append(loss.item())
        return loss

    def on_before_optimizer_step(self, optimizer):
        self.norms.append(sum(float(p.grad.square().sum()) for p in self.parameters()) ** 0.5)
        self.rates.append(optimizer.param_groups[0]["lr"])

    def validation_step(self, batch, index, dataloader_idx=0):
        name = ("val_error", "train_dev_error")[dataloader_idx]
        self.log(name, ((self.line(batch[0]) - batch[1]) ** 2).mean(), add_dataloader_idx=False)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        return [optimizer], [{"scheduler": torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9), "interval": "step"}]


pl.seed_everything(1, verbose=False)
x = torch.randn(40, 3)
data = TensorDataset(x, x.sum(1, keepdim=True))
model = Line()
trainer = pl.Trainer(
    max_epochs=2,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    accumulate_grad_batches=ACCUMULATE,
    gradient_clip_val=0.01,
    callbacks=[
        lightning_callback(
            train_error=lambda module: float(((module.line(x) - x.sum(1, keepdim=True)) ** 2).mean()),
            checkpoint=lambda module: module.state_dict(),
            predictions=lambda module: {"ids": range(40), "labels": x.sum(1), "predictions": module.line(x)[:, 0]},
        )
    ],
)
whole = DataLoader(data, batch_size=40)
trainer.fit(model, DataLoader(data, batch_size=4), [whole, whole])
steps = [sum(model.losses[at : at + ACCUMULATE]) / ACCUMULATE for at in range(0, len(model.losses), ACCUMULATE)]
expected = {"losses": steps, "norms": model.norms, "rates": model.rates, "samples": 4 * ACCUMULATE}
sys.stdout.write("\n" + json.dumps({**expected, "evaluations": 2, "train_eval": True}))
