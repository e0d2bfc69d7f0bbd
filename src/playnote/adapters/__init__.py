"""The recorder in other tools' training loops, one line each for the user.

    plain PyTorch   loop = torch_loop(optimizer);  for batch in loop(loader): ...  loop.step(loss)
    Lightning       Trainer(callbacks=[lightning_callback()])
    transformers    Trainer(callbacks=[transformers_callback()])
    Keras           model.fit(callbacks=[keras_callback()])
    JAX, Optax      loop = optax_loop(optimizer);  for batch in loop(loader): ...  loop.step(loss, state)

All log by optimizer step: train/loss, lr, grad_norm (before clipping), step_seconds, data_wait, samples_per_second; and each
evaluation under `dev/...` or `train_dev/...`; with what `keeping.Keeper` takes, the error on clean training data, checkpoints
and predictions as well. Times are the host's: on an asynchronous device a single step's time says little, the sum over many
does. Nothing waits for a device to log.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from importlib import import_module

    places = {
        "torch_loop": "plain_torch",
        "lightning_callback": "lightning",
        "transformers_callback": "transformers",
        "keras_callback": "keras",
        "optax_loop": "jax_optax",
    }
    if name not in places:
        raise AttributeError(name)
    return getattr(import_module(f"playnote.adapters.{places[name]}"), name)


__all__ = ["keras_callback", "lightning_callback", "optax_loop", "torch_loop", "transformers_callback"]
