"""Train a line with Keras (PyTorch backend) and the callback; print what every step's loss was, reckoned apart."""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

from playnote.adapters import keras_callback

keras.utils.set_random_seed(1)
x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
y = x.sum(1, keepdims=True)
model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.1, clipnorm=0.01), loss="mse")
losses, norms = [], []
w, b = (each.numpy().astype("float64") for each in model.trainable_weights)
for at in [*range(0, 40, 8)] * 2:
    rows, wanted = x[at : at + 8], y[at : at + 8]
    rest = rows @ w + b - wanted
    losses.append(float((rest**2).mean()))
    slopes = 2 * rows.T @ rest / 8, 2 * rest.mean(0)
    norms.append(float(sum((s**2).sum() for s in slopes) ** 0.5))
    # Keras clips each gradient by itself.
    w, b = (v - 0.1 * s * min(1.0, 0.01 / float((s**2).sum() ** 0.5)) for v, s in zip((w, b), slopes, strict=True))
model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, validation_data=(x, y), callbacks=[keras_callback()])
sys.stdout.write(json.dumps({"losses": losses, "norms": norms, "rates": [0.1] * 10, "samples": 0, "evaluations": 2}))
