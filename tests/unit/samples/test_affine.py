"""Matrices of drawn samples: scale, slant, turn and shift, in this order."""

import numpy as np
import pytest
from rework.samples.affine import affine_matrix


@pytest.mark.parametrize(
    ("angle", "slant", "scale", "shift", "expected"),
    [
        (0.0, 0.0, (2.0, 3.0), (0.5, -0.5), (2.5, 2.5)),
        (0.0, 0.5, (1.0, 2.0), (0.0, 0.0), (2.0, 2.0)),
        (np.pi / 2, 0.0, (-1.0, 1.0), (0.0, 0.0), (-1.0, -1.0)),
    ],
)
def test_where_the_point_1_1_goes(angle, slant, scale, shift, expected):
    matrix = affine_matrix(angle, slant, np.array(scale), np.array(shift))
    assert matrix @ [1, 1, 1] == pytest.approx(expected)
