"""Weights close to zero, counted by hand."""

import torch
from rework.training.small_weights import SMALL, small_weights
from torch import nn


def test_a_weight_at_the_limit_is_not_small_and_biases_do_not_count():
    model = nn.Linear(5, 1)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[SMALL, -SMALL, 0.999 * SMALL, -0.999 * SMALL, -0.5]]))
        model.bias.zero_()
    assert small_weights(model) == (2, 5)
