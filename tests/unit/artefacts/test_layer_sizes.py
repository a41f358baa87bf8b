"""Sizes of layers by formula, against torch and by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.artefacts.layer_sizes import Window, window_of
from rework.errors import DataError
from torch import nn


def test_sizes_by_hand():
    assert Window(5, 1, 0).output_size(28) == 24
    assert Window(4, 2, 0).output_size(24) == 11
    assert Window(3, 1, 1).output_size(28) == 28


@settings(deadline=None)
@given(size=st.integers(1, 40), kernel=st.integers(1, 7), stride=st.integers(1, 4), padding=st.integers(0, 3))
def test_the_formula_is_what_a_convolution_does(size, kernel, stride, padding):
    if size + 2 * padding < kernel:
        return
    convolution = nn.Conv2d(1, 1, kernel, stride, padding)
    measured = convolution(torch.zeros(1, 1, size, size)).shape[-1]
    assert Window(kernel, stride, padding).output_size(size) == measured


def test_a_window_is_read_from_the_description_of_a_layer():
    assert window_of({"name": "pool", "detail": "2×2, stride 2, padding 0"}) == Window(2, 2, 0)
    with pytest.raises(DataError, match="layer fc1: '8 → 4' is no window"):
        window_of({"name": "fc1", "detail": "8 → 4"})
