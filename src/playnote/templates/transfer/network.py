"""EfficientNet-Lite0 in two halves: what stays as it was trained on photos, and what is trained on the digits.

strategy  what is trained
scratch   everything, from random weights
head      a linear layer on the 1,280 features of the last layer
partial   the last blocks and the head
full      everything, from the weights trained on photos
"""

from __future__ import annotations

import sys
from functools import cache

import torch
from get_data import WEIGHTS, folder
from torch import Tensor, nn
from torch.nn import functional

BLOCKS, LAST, FEATURES, CLASSES = 16, 5, 1280, 10
KEPT = {"scratch": 0, "head": BLOCKS, "partial": BLOCKS - LAST, "full": 0}  # blocks that stay as they were


class Halves(nn.Module):
    """The network for one strategy; `front` has no gradients and needs to be computed once an image."""

    def __init__(self, strategy: str) -> None:
        super().__init__()
        self.kept, self.head_only, self.scratch = KEPT[strategy], strategy == "head", strategy == "scratch"
        self.body = _body()
        if self.scratch:
            for layer in self.body.modules():
                if isinstance(layer, nn.BatchNorm2d):
                    layer.momentum = 0.1  # a run this short never gets to know its statistics at the 0.01 of the photos
        else:
            self.body.load_state_dict(torch.load(folder() / WEIGHTS, map_location="cpu", weights_only=True))
        self.body._fc = nn.Linear(FEATURES, CLASSES)
        for part in self._untrained():
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> Halves:
        """Statistics of batch norm stay those of the photos, where the weights come from there."""
        return super().train(mode and self.scratch)

    @torch.no_grad()
    def front(self, images: Tensor) -> Tensor:
        """What the untrained half makes of images, shape (n, 3, h, w): images, feature maps, or features (n, 1280)."""
        if not self.kept:
            return images
        self.eval()
        maps = self._blocks(self._stem(images), 0, self.kept)
        return self._pooled(maps) if self.head_only else maps

    def forward(self, maps: Tensor) -> Tensor:
        """Scores, shape (n, 10), from what `front` gave."""
        if self.head_only:
            return self.body._fc(maps)
        if not self.kept:
            maps = self._stem(maps)
        return self.body._fc(self._pooled(self._blocks(maps, self.kept, BLOCKS)))

    def _untrained(self) -> list[nn.Module]:
        body = self.body
        stem = [body._conv_stem, body._bn0] if self.kept else []
        top = [body._conv_head, body._bn1] if self.head_only else []
        return [*stem, *body._blocks[: self.kept], *top]

    def _stem(self, images: Tensor) -> Tensor:
        return self.body._swish(self.body._bn0(self.body._conv_stem(images)))

    def _blocks(self, maps: Tensor, start: int, end: int) -> Tensor:
        for block in self.body._blocks[start:end]:
            maps = block(maps)
        return maps

    def _pooled(self, maps: Tensor) -> Tensor:
        maps = self.body._swish(self.body._bn1(self.body._conv_head(maps)))
        return functional.adaptive_avg_pool2d(maps, 1).flatten(1)


def _body() -> nn.Module:
    return _code().from_name("efficientnet-lite0")


@cache
def _code():
    place = str(folder())
    if place not in sys.path:
        sys.path.append(place)
    from efficientnet_lite_pytorch import EfficientNet

    return EfficientNet
