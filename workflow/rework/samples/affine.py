"""Matrices that turn, slant, scale and shift what is drawn."""

import numpy as np
from numpy.typing import NDArray


def affine_matrix(
    angle: float, slant: float, scale: NDArray[np.float64], shift: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a matrix (2, 3): it scales x and y first, then slants and turns, and shifts last.

    Args:
        angle: in radians.
        slant: how far x moves with y.
        scale: of x and y, shape (2,); a negative one mirrors.
        shift: of x and y, shape (2,).
    """
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slanted = np.array([[1.0, slant], [0.0, 1.0]])
    return np.column_stack([turn @ slanted @ np.diag(scale), shift])
