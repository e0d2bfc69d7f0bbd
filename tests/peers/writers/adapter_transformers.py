"""Train a line with the Hugging Face Trainer and the callback; print what every step's loss was, reckoned apart."""

import json
import sys
import warnings

import torch
from transformers import Trainer, TrainingArguments

from playnote.adapters import transformers_callback

warnings.simplefilter("ignore")
ACCUMULATE = 2


class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.losses = torch.nn.Linear(3, 1), []

    def forward(self, x, labels):
        loss = ((self.line(x) - labels) ** 2).mean()
        if self.training:
            self.losses.append(loss.item())
        return {"loss": loss, "logits": self.line(x)}


torch.manual_seed(0)
rows = torch.randn(32, 3)
data = [{"x": row, "labels": row.sum(0, keepdim=True)} for row in rows]
model = Line()
norms = []
model_parameters = list(model.parameters())
arguments = TrainingArguments(
    sys.argv[1] + "/out",
    max_steps=6,
    per_device_train_batch_size=4,
    gradient_accumulation_steps=ACCUMULATE,
    learning_rate=0.1,
    max_grad_norm=0.01,
    logging_steps=1,
    eval_strategy="steps",
    eval_steps=3,
    save_strategy="no",
    report_to="none",
    use_cpu=True,
    disable_tqdm=True,
    optim="sgd",
)


class Norms(Trainer):
    def training_step(self, *args, **more):
        loss = super().training_step(*args, **more)
        norms.append(sum(float(p.grad.square().sum()) for p in model_parameters if p.grad is not None) ** 0.5)
        return loss


callback = transformers_callback(
    train_error=lambda m: float(((m.line(rows) - rows.sum(1, keepdim=True)) ** 2).mean()),
    checkpoint=lambda m: m.state_dict(),
    predictions=lambda m: {"ids": range(32), "labels": rows.sum(1), "predictions": m.line(rows)[:, 0]},
)
sets = {"dev": data, "train_dev": data}
Norms(model, arguments, train_dataset=data, eval_dataset=sets, callbacks=[callback]).train()
steps = [sum(model.losses[at : at + ACCUMULATE]) / ACCUMULATE for at in range(0, len(model.losses), ACCUMULATE)]
rates = [0.1 * (1 - at / 6) for at in range(6)]
expected = {"losses": steps, "norms": norms[1::2], "rates": rates, "samples": 8}
sys.stdout.write("\n" + json.dumps({**expected, "evaluations": 2, "rounded": True, "train_eval": True}))
