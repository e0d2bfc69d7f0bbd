"""A causal Transformer over characters; the norm stands after the sum, as first published, or before each branch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

HEADS = 4


class Block(nn.Module):
    """Attention and a two-layer network, each with a residual sum."""

    def __init__(self, width: int, before: bool) -> None:
        """`before`: x + f(norm(x)); else norm(x + f(x))."""
        super().__init__()
        self.before = before
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x: Tensor) -> Tensor:
        """Causal attention, shape (batch, length, width)."""
        batch, length, width = x.shape
        parts = self.query_key_value(x).view(batch, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, length, width) in and out."""
        if self.before:
            x = x + self.attend(self.norm1(x))
            return x + self.feed(self.norm2(x))
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.feed(x))


class Transformer(nn.Module):
    """Logits of the next character, shape (batch, length, characters)."""

    def __init__(self, characters: int, length: int, width: int, layers: int, before: bool) -> None:
        """`length`: the longest passage."""
        super().__init__()
        self.characters, self.places = nn.Embedding(characters, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, before) for _ in range(layers)))
        self.last = nn.LayerNorm(width) if before else nn.Identity()
        self.head = nn.Linear(width, characters)

    def forward(self, text: Tensor) -> Tensor:
        """Characters by number, shape (batch, length)."""
        x = self.characters(text) + self.places(torch.arange(text.shape[1], device=text.device))
        return self.head(self.last(self.blocks(x)))
