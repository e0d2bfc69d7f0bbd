"""A zoo of small blocks whose residual branch and norm placement are known."""

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402  after the check that torch is there

from playnote.training.architecture import look_at  # noqa: E402

WIDTH = 8


class Block(nn.Module):
    def __init__(self, form, zero=False):
        super().__init__()
        self.form, self.norm = form, nn.LayerNorm(WIDTH)
        self.branch = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH))
        if zero:
            nn.init.zeros_(self.branch[2].weight)
            nn.init.zeros_(self.branch[2].bias)

    def forward(self, x):
        return {
            "pre": lambda: x + self.branch(self.norm(x)),
            "branch-post": lambda: x + self.norm(self.branch(x)),
            "outer": lambda: self.norm(x + self.branch(x)),
            "plain": lambda: self.branch(self.norm(x)),
            "bare": lambda: x + self.branch(x),
        }[self.form]()


def facts(model, *inputs):
    return look_at(model, *inputs).as_facts()


class Stack(nn.Module):
    def __init__(self, form, **more):
        super().__init__()
        torch.manual_seed(0)
        self.start = nn.Linear(3, WIDTH)
        self.blocks = nn.ModuleList([Block(form, **more) for _ in range(4)])

    def forward(self, x):
        x = self.start(x)
        for block in self.blocks:
            x = block(x)
        return x


@pytest.mark.parametrize(
    ("form", "residual", "placement"),
    [
        ("pre", True, "pre"),
        ("branch-post", True, "branch-post"),
        ("outer", True, "outer"),
        ("plain", False, "none"),
    ],
)
def test_forms_of_blocks_are_told_apart(form, residual, placement):
    found = facts(Stack(form), torch.randn(5, 3))
    assert (found["blocks"], found["residual"], found["placement"]) == (4, residual, placement)
    assert found["normalized"] is True
    assert found["zero_init"] is False


@pytest.mark.parametrize(("norm_first", "placement"), [(True, "pre"), (False, "outer")])
def test_torch_transformer_layers_are_read_right(norm_first, placement):
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 16, batch_first=True, norm_first=norm_first)
    model = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    found = facts(model, torch.randn(2, 5, WIDTH))
    assert (found["blocks"], found["residual"], found["placement"]) == (3, True, placement)


class Residual(nn.Module):
    """The classic convolution block: relu(x + norm(conv(relu(norm(conv(x))))))."""

    def __init__(self, outer=False):
        super().__init__()
        self.outer = outer
        self.a, self.b = (nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False) for _ in range(2))
        self.m, self.n = nn.BatchNorm2d(WIDTH), nn.BatchNorm2d(WIDTH)

    def forward(self, x):
        if self.outer:
            return self.n(x + self.b(torch.relu(self.m(self.a(x)))))
        return torch.relu(x + self.n(self.b(torch.relu(self.m(self.a(x))))))


@pytest.mark.parametrize(("outer", "placement"), [(False, "branch-post"), (True, "outer")])
def test_convolution_blocks_with_batch_norm_are_read_right_though_new_statistics_pass_everything_on(outer, placement):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, WIDTH, 1), nn.ReLU(), nn.Sequential(Residual(outer), Residual(outer)))
    found = facts(model, torch.randn(4, 3, 6, 6))
    assert (found["residual"], found["placement"]) == (True, placement)


def test_a_branch_that_starts_at_zero_is_seen():
    assert facts(Stack("pre", zero=True), torch.randn(5, 3))["zero_init"] is True


def test_blocks_without_norms_are_said_to_have_none():
    class Bare(Stack):
        def __init__(self):
            super().__init__("bare")
            for block in self.blocks:
                del block.norm

    found = facts(Bare(), torch.randn(5, 3))
    assert (found["residual"], found["normalized"], found["placement"]) == (True, False, "none")


@pytest.mark.parametrize(("gain", "fine"), [(1.0, True), (1.5, False), (0.6, False)])
def test_a_scale_that_grows_or_shrinks_by_a_known_gain_a_layer_is_measured(gain, fine):
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside = nn.Sequential(nn.Linear(WIDTH, WIDTH, bias=False))
            with torch.no_grad():
                self.inside[0].weight.copy_(gain * torch.eye(WIDTH))

        def forward(self, x):
            return self.inside(x)

    model = nn.Sequential(*(Scaled() for _ in range(13)))
    found = facts(model, torch.randn(5, WIDTH))
    assert found["growth"] == pytest.approx(gain**12, rel=1e-4)
    assert found["initialized"] is fine


def test_looking_changes_neither_weights_nor_modes():
    model = Stack("pre").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    look_at(model, torch.randn(5, 3))
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_without_repeated_blocks_says_nothing():
    assert facts(nn.Linear(3, 2), torch.randn(1, 3)) == {}
