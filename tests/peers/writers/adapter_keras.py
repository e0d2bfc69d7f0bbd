"""Train a line with Keras (PyTorch backend) and the callback; print what every step's loss was, reckoned apart.

With the argument "accumulated" two batches make a step; without it gradients are scaled as mixed precision scales them, and the
last batch of an epoch is a small one.
"""

import io
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

from playnote.adapters import keras_callback

ACCUMULATE = 2 if "accumulated" in sys.argv else 1
ROWS = 32 if ACCUMULATE == 2 else 37
keras.utils.set_random_seed(1)
x = np.random.default_rng(0).normal(size=(ROWS, 3)).astype("float32")
y = x.sum(1, keepdims=True)
model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
sgd = keras.optimizers.SGD(0.1, clipnorm=0.01, gradient_accumulation_steps=ACCUMULATE if ACCUMULATE > 1 else None)
optimizer = sgd if ACCUMULATE > 1 else keras.optimizers.LossScaleOptimizer(sgd, initial_scale=1024.0)
model.compile(optimizer, loss="mse")
losses, norms = [], []
w, b = (each.numpy().astype("float64") for each in model.trainable_weights)
starts = [*range(0, ROWS, 8)] * 2
for at in range(0, len(starts), ACCUMULATE):
    parts = [(x[i : i + 8], y[i : i + 8]) for i in starts[at : at + ACCUMULATE]]
    rests = [rows @ w + b - wanted for rows, wanted in parts]
    losses.append(float(np.mean([(rest**2).mean() for rest in rests])))
    slope_w = np.mean([2 * rows.T @ rest / len(rest) for (rows, _), rest in zip(parts, rests, strict=True)], axis=0)
    slopes = slope_w, np.mean([2 * rest.mean(0) for rest in rests], axis=0)
    norms.append(float(sum((s**2).sum() for s in slopes) ** 0.5))
    # Keras clips each gradient by itself.
    w, b = (v - 0.1 * s * min(1.0, 0.01 / float((s**2).sum() ** 0.5)) for v, s in zip((w, b), slopes, strict=True))


def kept(trained):
    file = io.BytesIO()
    np.savez(file, *[each.numpy() for each in trained.weights])
    return file.getvalue()


def told(trained):
    return {"ids": range(ROWS), "labels": y[:, 0], "predictions": trained.predict(x, verbose=0)[:, 0]}


class Carved(keras.callbacks.Callback):
    """Keras knows one validation set: another one's metrics are put beside it."""

    def on_epoch_end(self, epoch, logs=None):
        logs["train_dev_loss"] = self.model.evaluate(x, y, verbose=0)


ours = keras_callback(train_error=lambda m: m.evaluate(x, y, verbose=0), checkpoint=kept, predictions=told)
fitted = {"batch_size": 8, "epochs": 2, "shuffle": False, "verbose": 0}
model.fit(x, y, **fitted, validation_data=(x, y), callbacks=[Carved(), ours])
sizes = [min(8, ROWS - at) * ACCUMULATE for at in starts[::ACCUMULATE]]
expected = {"losses": losses, "norms": norms, "rates": [0.1] * len(losses), "samples": sizes, "evaluations": 2}
sys.stdout.write(json.dumps({**expected, "train_eval": True}))
