"""The loop recorder for plain PyTorch: accumulation, clipping, waiting, and training left as it would be without."""

import time

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402  after the check that torch is there

from playnote.adapters import torch_loop  # noqa: E402
from playnote.adapters.keeping import batch_length, named  # noqa: E402
from playnote.errors import MissingExtraError  # noqa: E402
from playnote.recorder import TrialCard, attempt_log  # noqa: E402
from playnote.recorder.card import write_card  # noqa: E402
from playnote.recorder.current import trial_in  # noqa: E402
from playnote.recorder.lines import decode  # noqa: E402


def line():
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.1), [torch.randn(4, 3) for _ in range(6)]


def plain(clip, accumulate):
    model, optimizer, batches = line()
    losses, norms = [], []
    for number, batch in enumerate(batches, 1):
        loss = (model(batch) ** 2).mean() / accumulate
        loss.backward()
        if number % accumulate == 0:
            losses.append(float(loss.detach()))
            norms.append(float(nn.utils.clip_grad_norm_(model.parameters(), clip)))
            optimizer.step()
            optimizer.zero_grad()
    return model, losses, norms


@pytest.mark.parametrize("accumulate", [1, 2])
def test_losses_and_norms_are_logged_and_training_is_what_it_is_without(tmp_path, accumulate):
    write_card(tmp_path, TrialCard(id="t1"))
    expected, losses, norms = plain(0.05, accumulate)
    model, optimizer, batches = line()
    with trial_in(tmp_path) as trial:
        loop = torch_loop(optimizer, trial, train_error=lambda m: float((m(batches[0]) ** 2).mean()))
        for number, batch in enumerate(loop(batches), 1):
            loss = (model(batch) ** 2).mean() / accumulate
            loss.backward()
            if number % accumulate == 0:
                loop.step(loss, clip=0.05)
        loop.evaluated({"val_error": 0.25}, model)
    rows = [each for each in decode(attempt_log(tmp_path, 1).read_bytes()).records if each["kind"] == "log"]
    steps = [row["metrics"] for row in rows if "train/loss" in row["metrics"]]
    assert [row["train/loss"] for row in steps] == pytest.approx(losses)
    assert [row["grad_norm"] for row in steps] == pytest.approx(norms)
    assert {row["lr"] for row in steps} == {0.1}
    assert all(0.0 <= row["data_wait"] <= row["step_seconds"] for row in steps)
    assert [row["metrics"]["dev/error"] for row in rows if "dev/error" in row["metrics"]] == [0.25]
    assert any("train_eval/error" in row["metrics"] for row in rows)
    for ours, theirs in zip(model.parameters(), expected.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert model.training


def test_the_wait_for_a_slow_loader_is_counted_as_waiting(tmp_path, monkeypatch):
    write_card(tmp_path, TrialCard(id="t1"))
    model, optimizer, batches = line()
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def slow():
        for batch in batches:
            now[0] += 3.0
            yield batch

    with trial_in(tmp_path) as trial:
        loop = torch_loop(optimizer, trial)
        for batch in loop(slow()):
            now[0] += 1.0
            loss = (model(batch) ** 2).mean()
            loss.backward()
            loop.step(loss)
    rows = [each["metrics"] for each in decode(attempt_log(tmp_path, 1).read_bytes()).records if each["kind"] == "log"]
    assert [row["data_wait"] for row in rows] == [0.0] + [3.0] * 5
    assert [row["step_seconds"] for row in rows] == [1.0] + [4.0] * 5


def test_evaluation_metrics_are_named_by_their_split():
    assert named("val_loss") == named("eval/loss") == named("validation_loss") == "dev/loss"
    assert named("val_f1", dev="val") == "val/f1"
    assert named("eval_dev_loss") == named("dev/loss") == "dev/loss"
    assert named("train_dev_loss") == named("eval_train_dev_loss") == named("train-dev/loss") == "train_dev/loss"
    assert named("train_loss") is None
    assert named("loss") is None
    assert named("evaluate") is None


def test_the_length_of_a_batch_is_that_of_its_first_tensor():
    assert batch_length([torch.zeros(5, 2), torch.zeros(5)]) == 5
    assert batch_length({"x": torch.zeros(3), "y": torch.zeros(9)}) == 3
    assert batch_length("text") == 0


@pytest.mark.parametrize("name", ["lightning_callback", "transformers_callback", "keras_callback", "optax_loop"])
def test_a_framework_that_is_missing_is_named_with_the_command_that_brings_it(name):
    from importlib import util

    import playnote.adapters as adapters

    package = {
        "lightning_callback": "pytorch_lightning",
        "transformers_callback": "transformers",
        "keras_callback": "keras",
        "optax_loop": "optax",
    }
    if util.find_spec(package[name]) is not None:
        pytest.skip("it is installed")
    with pytest.raises(MissingExtraError) as error:
        getattr(adapters, name)(None)
    assert "pip install" in error.value.fix.en
