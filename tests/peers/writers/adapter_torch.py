"""Train a line in a hand-written loop with a gradient scaler; print what every step's loss, norm and rate were, reckoned apart."""

import json
import sys

import torch

from playnote.adapters import torch_loop

ACCUMULATE = 2
torch.manual_seed(0)
x = torch.randn(40, 3)
y = x.sum(1, keepdim=True)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
rates = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
loop = torch_loop(
    optimizer,
    scaler=scaler,
    train_error=lambda m: float(((m(x) - y) ** 2).mean()),
    checkpoint=lambda m: m.state_dict(),
    predictions=lambda m: {"ids": range(40), "labels": y[:, 0], "predictions": m(x)[:, 0]},
)
expected = {"losses": [], "norms": [], "rates": [], "samples": 4 * ACCUMULATE, "evaluations": 2, "train_eval": True}
for _ in range(2):
    losses = []
    for inputs, targets in loop(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4)):
        loss = ((model(inputs) - targets) ** 2).mean() / ACCUMULATE
        scaler.scale(loss).backward()
        losses.append(loss.detach())
        if len(losses) == ACCUMULATE:
            whole = sum(losses)
            expected["losses"].append(float(whole))
            scale = scaler.get_scale()
            squares = sum(float((p.grad / scale).square().sum()) for p in model.parameters())
            expected["norms"].append(squares**0.5)
            expected["rates"].append(optimizer.param_groups[0]["lr"])
            loop.step(whole, clip=0.01)
            rates.step()
            losses = []
    error = float(((model(x) - y) ** 2).mean().detach())
    loop.evaluated({"val_error": error, "train_dev_error": error}, model)
loop.finished(model)
sys.stdout.write(json.dumps(expected))
