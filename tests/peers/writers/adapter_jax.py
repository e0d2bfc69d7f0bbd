"""Train a line with JAX and Optax and the loop; print what every step's loss, norm and rate were, reckoned apart."""

import io
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

from playnote.adapters import optax_loop

ACCUMULATE = 2
x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
y = x.sum(1, keepdims=True)
schedule = optax.exponential_decay(0.1, 1, 0.9)


def loss_of(params, batch):
    return jnp.mean((batch[0] @ params["w"] + params["b"] - batch[1]) ** 2)


def kept(params):
    file = io.BytesIO()
    np.savez(file, **params)
    return file.getvalue()


def told(params):
    return {"ids": range(40), "labels": y[:, 0], "predictions": np.asarray(x @ params["w"] + params["b"])[:, 0]}


loop = optax_loop(
    optax.chain(optax.clip_by_global_norm(0.01), optax.sgd(schedule)),
    rate=schedule,
    accumulate=ACCUMULATE,
    train_error=lambda params: float(loss_of(params, (x, y))),
    checkpoint=kept,
    predictions=told,
)
params = {"w": jnp.zeros((3, 1)), "b": jnp.zeros(1)}
state = loop.init(params)


@jax.jit
def step(params, state, batch):
    loss, gradients = jax.value_and_grad(loss_of)(params, batch)
    updates, state = loop.update(gradients, state, params)
    return optax.apply_updates(params, updates), state, loss


for _ in range(2):
    for batch in loop((x[at : at + 4], y[at : at + 4]) for at in range(0, 40, 4)):
        params, state, loss = step(params, state, batch)
        loop.step(loss, state)
    error = float(loss_of(params, (x, y)))
    loop.evaluated({"val_error": error, "train_dev/error": error}, params)
loop.finished(params)

# The same in float64 by hand: the average gradient of two batches, clipped as one.
w, b = np.zeros((3, 1)), np.zeros(1)
losses, norms, rates = [], [], []
for number, at in enumerate([*range(0, 40, 4 * ACCUMULATE)] * 2):
    parts = [(x[i : i + 4], y[i : i + 4]) for i in range(at, at + 4 * ACCUMULATE, 4)]
    rests = [rows @ w + b - wanted for rows, wanted in parts]
    losses.append(float(np.mean([(rest**2).mean() for rest in rests])))
    slope_w = np.mean([2 * rows.T @ rest / 4 for (rows, _), rest in zip(parts, rests, strict=True)], axis=0)
    slope_b = np.mean([2 * rest.mean(0) for rest in rests], axis=0)
    norms.append(float(((slope_w**2).sum() + (slope_b**2).sum()) ** 0.5))
    rates.append(0.1 * 0.9**number)
    scale = rates[-1] * min(1.0, 0.01 / norms[-1])
    w, b = w - scale * slope_w, b - scale * slope_b
expected = {"losses": losses, "norms": norms, "rates": rates, "samples": 4 * ACCUMULATE, "evaluations": 2}
sys.stdout.write(json.dumps({**expected, "train_eval": True}))
