"""JAX with Optax: the optimizer is wrapped in one line; the step stays the user's own, compiled or not.

    loop = optax_loop(optax.adam(1e-3), rate=1e-3)
    state = loop.init(params)                       # in place of optimizer.init and optimizer.update
    for batch in loop(loader):
        loss, gradients = jax.value_and_grad(loss_of)(params, batch)
        updates, state = loop.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        loop.step(loss, state)

The gradients' norm is taken before anything in the chain clips them, and rides in the optimizer's state, so that `update` may
stand inside `jax.jit`. Nothing waits for the device: what it has not finished is read when the log is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, final

from playnote.adapters.keeping import Keeper, batch_length
from playnote.errors import MissingExtraError
from playnote.recorder import Trial
from playnote.text import Text


class Recorded(NamedTuple):
    """The wrapped optimizer's state, and the norm of the gradients it was last given."""

    inner: Any
    norm: Any


@final
class OptaxLoop:
    """What `optax_loop` returns: an Optax transformation (`init`, `update`) that also logs. `steps` counts updates."""

    def __init__(self, transform: Any, keeper: Keeper, rate: float | Callable[[int], Any] | None, micro: int) -> None:
        """Made by `optax_loop`."""
        self.init, self.update = transform.init, transform.update
        self._keeper, self._rate, self._micro = keeper, rate, micro
        self._losses: list[Any] = []
        self.steps = 0

    def __call__(self, loader: Iterable[Any]) -> Iterator[Any]:
        """The loader's batches, the wait for each of them timed."""
        self._keeper.forget_time()
        for batch in loader:
            self._keeper.begin(batch_length(batch))
            yield batch
            self._keeper.leave()

    def step(self, loss: Any, state: Any, **metrics: Any) -> None:
        """Log a batch's loss and what its update left in the state. With accumulation a step is logged with its last batch."""
        self._losses.append(loss)
        if len(self._losses) < self._micro:
            return
        mean = sum(self._losses[1:], self._losses[0]) / self._micro
        recorded = _recorded(state)
        norm = None if recorded is None else recorded.norm
        self._keeper.log(self.steps, {"train/loss": mean, "grad_norm": norm, "lr": self._lr(state), **metrics})
        self._losses = []
        self.steps += 1

    def evaluated(self, metrics: Mapping[str, Any], params: Any = None) -> None:
        """Log an evaluation at the present step: {"dev/error": ..., "train_dev/error": ...} or {"val_error": ...}."""
        self._keeper.evaluated(self.steps, metrics, params)

    def finished(self, params: Any) -> None:
        """Training is over: the predictions on the dev split are kept, where `predictions` was given."""
        self._keeper.finished(params)

    def _lr(self, state: Any) -> Any:
        if callable(self._rate):
            return self._rate(self.steps)
        return _injected(state) if self._rate is None else self._rate


def optax_loop(
    optimizer: Any,
    trial: Trial | None = None,
    *,
    rate: float | Callable[[int], Any] | None = None,
    accumulate: int = 1,
    **keeping: Any,
) -> OptaxLoop:
    """A recorder for a loop over an Optax optimizer. Raises MissingExtraError without Optax.

    rate        the learning rate or its schedule, as it was given to the optimizer; None reads it from the state where the
                optimizer was made by `optax.inject_hyperparams`
    accumulate  batches whose gradients are averaged into one update (`optax.MultiSteps`); the norm is that of the average
    keeping     `dev`, `train_error`, `checkpoint` and `predictions` of `Keeper`; each is called with the parameters

    Under mixed precision give gradients that are unscaled; their norm is taken in float32.
    """
    optax, jax = _optax()

    def init(params: Any) -> Recorded:
        return Recorded(optimizer.init(params), jax.numpy.zeros(()))

    def update(gradients: Any, state: Recorded, params: Any = None, **extra: Any) -> tuple[Any, Recorded]:
        whole = jax.tree.map(lambda each: each.astype(jax.numpy.float32), gradients)
        updates, inner = optax.with_extra_args_support(optimizer).update(gradients, state.inner, params, **extra)
        return updates, Recorded(inner, optax.tree.norm(whole))

    transform = optax.GradientTransformationExtraArgs(init, update)
    if accumulate > 1:
        transform = optax.MultiSteps(transform, accumulate)
    return OptaxLoop(transform, Keeper(trial, **keeping), rate, accumulate)


def _recorded(state: Any) -> Recorded | None:
    """The part of an optimizer's state that `optax_loop` put there, wherever other wrappers hid it."""
    if isinstance(state, Recorded):
        return state
    parts = state if isinstance(state, tuple) else ()
    return next((found for part in parts if (found := _recorded(part)) is not None), None)


def _injected(state: Any) -> Any:
    """The learning rate that `optax.inject_hyperparams` keeps in the state; None where it keeps none."""
    values = getattr(state, "hyperparams", None)
    if isinstance(values, Mapping) and "learning_rate" in values:
        return values["learning_rate"]
    parts = state if isinstance(state, tuple) else ()
    return next((found for part in parts if (found := _injected(part)) is not None), None)


def _optax() -> tuple[Any, Any]:
    try:
        import jax
        import optax
    except ImportError:
        raise MissingExtraError(
            Text(en="JAX or Optax is not installed.", zh="没有安装 JAX 或 Optax。"),
            fix=Text(en="pip install 'jax[cpu]' optax", zh="pip install 'jax[cpu]' optax"),
        ) from None
    return optax, jax
