"""Clipping, weight average, ghost batch norm, optimizer reference, evaluation: against what they must equal."""

import copy
import math

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402  after the check that torch is there

from playnote.errors import InputError  # noqa: E402
from playnote.training.averaging import WeightAverage  # noqa: E402
from playnote.training.clipping import clip_gradients  # noqa: E402
from playnote.training.evaluation import Mean, depends_on_batch, evaluating, padded  # noqa: E402
from playnote.training.ghost_norm import (  # noqa: E402
    GhostBatchNorm,
    audit_norms,
    groups_of,
    norm_facts,
    with_ghost_norm,
)
from playnote.training.optimizer import check_optimizer  # noqa: E402


def through(module, batch, weights):
    """Output, gradient of the input, and gradients of the parameters."""
    batch = batch.clone().requires_grad_()
    out = module(batch)
    (out * weights).sum().backward()
    return out.detach(), batch.grad, [each.grad for each in module.parameters()]


@pytest.fixture
def data():
    torch.manual_seed(0)
    return torch.randn(12, 3, 4, 4), torch.randn(12, 3, 4, 4)


def norm_of(kind=nn.BatchNorm2d):
    torch.manual_seed(1)
    norm = kind(3)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm


def test_a_ghost_size_of_the_whole_batch_is_batch_norm_with_its_gradients_and_statistics(data):
    batch, weights = data
    plain, ghost = norm_of(), GhostBatchNorm(norm_of(), 12)
    for one, other in zip(through(plain, batch, weights), through(ghost, batch, weights), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    torch.testing.assert_close(plain.running_mean, ghost.norm.running_mean, rtol=0, atol=0)
    torch.testing.assert_close(plain.running_var, ghost.norm.running_var, rtol=0, atol=0)


@pytest.mark.parametrize("size", [3, 4, 6])
def test_smaller_groups_equal_batch_norm_of_each_group_by_itself_gradients_included(data, size):
    batch, weights = data
    ghost = GhostBatchNorm(norm_of(), size)
    out, slope, of_parameters = through(ghost, batch, weights)
    parts, summed = [], None
    for part, weight in zip(batch.split(size), weights.split(size), strict=True):
        one = through(norm_of(), part, weight)
        parts.append(one)
        summed = one[2] if summed is None else [a + b for a, b in zip(summed, one[2], strict=True)]
    torch.testing.assert_close(out, torch.cat([part[0] for part in parts]))
    torch.testing.assert_close(slope, torch.cat([part[1] for part in parts]))
    torch.testing.assert_close(of_parameters, summed, rtol=1e-4, atol=1e-5)


def test_in_evaluation_it_is_batch_norm_and_moves_no_statistic(data):
    batch, _ = data
    plain = norm_of().eval()
    ghost = GhostBatchNorm(norm_of(), 4).eval()
    torch.testing.assert_close(ghost(batch), plain(batch), rtol=0, atol=0)
    assert ghost.norm.num_batches_tracked == 0


def test_running_statistics_take_the_mean_of_the_groups_once_a_step(data):
    batch, _ = data
    ghost = GhostBatchNorm(norm_of(), 4)
    ghost(batch)
    means = torch.stack([part.mean((0, 2, 3)) for part in batch.split(4)]).mean(0)
    torch.testing.assert_close(ghost.norm.running_mean, 0.1 * means)
    assert ghost.norm.num_batches_tracked == 1


def test_a_batch_that_does_not_divide_takes_the_nearest_equal_groups_or_is_refused():
    assert [groups_of(*each) for each in ((256, 64), (100, 32), (48, 64), (96, 64))] == [4, 4, 1, 2]
    with pytest.raises(InputError, match="no equal parts"):
        groups_of(257, 64)


def test_every_batch_norm_of_a_model_is_replaced_and_named_in_the_audit():
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm2d(3)))
    assert [each.effective for each in audit_norms(model, 128)] == [128, 128]
    keys = [each for each in with_ghost_norm(model, 32).modules() if isinstance(each, GhostBatchNorm)]
    assert len(keys) == 2
    audit = audit_norms(with_ghost_norm(model, 32), 128)
    assert [(each.name, each.effective, each.ghost) for each in audit] == [("1", 32, 32), ("2.0", 32, 32)]
    assert norm_facts(audit, 128) == {"per_device_batch": 128, "bn_batch": 32, "ghost_batch": 32}


@pytest.mark.parametrize("threshold", [None, 0.0, 0.5, 100.0])
def test_clipping_hands_back_the_norm_before_and_clips_as_torch_does(threshold):
    torch.manual_seed(0)
    ours = [nn.Parameter(torch.randn(4)), nn.Parameter(torch.randn(2, 3)), nn.Parameter(torch.randn(1))]
    for each in ours[:2]:
        each.grad = torch.randn_like(each)
    theirs = copy.deepcopy(ours)
    for each, other in zip(ours[:2], theirs, strict=False):
        other.grad = each.grad.clone()
    norm = clip_gradients(ours, threshold)
    expected = torch.nn.utils.clip_grad_norm_(theirs, threshold or math.inf)
    torch.testing.assert_close(norm, expected)
    for each, other in zip(ours[:2], theirs, strict=False):
        torch.testing.assert_close(each.grad, other.grad)


def test_the_average_is_the_recursion_and_the_weights_are_back_after_an_evaluation():
    model = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    average, expected = WeightAverage(model, 0.9), model[0].weight.detach().clone()
    for step in range(1, 30):
        with torch.no_grad():
            model[0].weight.add_(1.0)
        average.update()
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * model[0].weight.detach()
    torch.testing.assert_close(average.weights["0.weight"], expected)
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(KeyboardInterrupt):
        _interrupted(average, model, expected)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    other = WeightAverage(model)
    other.load_state_dict(average.state_dict())
    assert other.updates == 29
    torch.testing.assert_close(other.weights["0.weight"], expected)


def _interrupted(average, model, expected):
    with average.in_place():
        torch.testing.assert_close(model[0].weight.detach(), expected)
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("make", "convention"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1), "standard"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), "standard"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1), "standard"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.9), "dampened"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True), "nesterov"),
        (lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-3), "standard"),
        (lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-3, betas=(0.5, 0.9)), "standard"),
        (lambda p: torch.optim.AdamW(p, lr=0.1, eps=1e-3, weight_decay=0.2), "standard"),
        (lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-3, weight_decay=0.2), "coupled-weight-decay"),
        (lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-3, amsgrad=True, betas=(0.0, 0.1)), ""),
    ],
)
def test_optimizers_are_named_by_their_convention(make, convention):
    found = check_optimizer(make)
    assert found.convention == convention
    assert found.agrees is (convention == "standard")


class EpsilonHat(torch.optim.Optimizer):
    """Adam with epsilon beside the uncorrected root."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-3})
        self.t, self.m, self.v = 0, 0.0, 0.0

    def step(self, closure=None):
        (weight,) = self.param_groups[0]["params"]
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * weight.grad
        self.v = 0.999 * self.v + 0.001 * weight.grad**2
        scale = 0.1 * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        with torch.no_grad():
            weight -= scale * self.m / (self.v.sqrt() + 1e-3)


def test_epsilon_hat_is_named():
    assert check_optimizer(EpsilonHat).convention == "epsilon-hat"


def test_the_first_two_steps_of_momentum_are_those_worked_by_hand():
    weight = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.5, momentum=0.9)
    for gradient, expected in ((2.0, 0.0), (1.0, -1.4)):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        assert float(weight.detach()) == pytest.approx(expected)


def test_padding_has_no_weight_even_where_it_is_nan():
    mean = Mean()
    for rows, weights in padded([[1.0, 2.0], [6.0]], 4):
        values = [value if weight else math.nan for value, weight in zip(rows, weights, strict=True)]
        mean.add(values, weights)
    assert (mean.value, mean.weight) == (3.0, 3.0)
    assert math.isnan(Mean().value)


def test_evaluation_puts_every_module_back_into_its_own_mode():
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(2))
    model.train()
    model[1].eval()
    with evaluating(model):
        assert not model[0].training
        assert not model(torch.randn(4, 2)).requires_grad
    assert (model.training, model[0].training, model[1].training) == (True, True, False)


def evaluation(fault=""):
    torch.manual_seed(0)
    model, examples = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)), torch.randn(50, 3)
    model.train(fault == "train-mode")

    def evaluate(batch):
        mean, of_means = Mean(), []
        for rows, weights in padded((list(part) for part in examples.split(batch)), batch):
            with torch.no_grad():
                values = model(torch.stack(rows)).flatten() ** 2
            mean.add(values, None if fault == "padding" else weights)
            of_means.append(float(values.mean()))
        return sum(of_means) / len(of_means) if fault == "mean-of-means" else mean.value

    return evaluate


@pytest.mark.parametrize("fault", ["padding", "train-mode", "mean-of-means"])
def test_each_planted_evaluation_fault_shows_as_dependence_on_the_batch(fault):
    assert depends_on_batch(evaluation(fault), (2, 7, 32)).depends


def test_a_sound_evaluation_does_not_depend_on_the_batch():
    found = depends_on_batch(evaluation(), (1, 7, 32, 50))
    assert not found.depends
    assert found.as_facts()["batch_changes_metric"] is False
