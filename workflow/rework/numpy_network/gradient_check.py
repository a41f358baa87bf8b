"""Back-propagation held against central differences (nist36, Q2.5)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def numeric_gradients(
    parameters: Mapping[str, Floats], loss: Callable[[], float], step: float = 1e-6
) -> dict[str, Floats]:
    """Return (loss(w + step) - loss(w - step)) / (2 step) for every parameter w.

    Args:
        parameters: arrays by name; each value is moved in place and put back.
        loss: computes the loss from the parameters as they are.
        step: how far.
    """
    gradients = {}
    for name, values in parameters.items():
        gradient = np.empty_like(values)
        for place in np.ndindex(values.shape):
            kept = values[place]
            values[place] = kept + step
            above = loss()
            values[place] = kept - step
            below = loss()
            values[place] = kept
            gradient[place] = (above - below) / (2 * step)
        gradients[name] = gradient
    return gradients


def relative_errors(
    analytic: Mapping[str, Floats],
    numeric: Mapping[str, Floats],
) -> dict[str, float]:
    """Return |a - n| / max(|a|, |n|), summed over each parameter's elements as in the writeup.

    Where both are 0, the error is 0.
    """
    errors = {}
    for name, expected in numeric.items():
        scale = np.maximum(np.abs(analytic[name]), np.abs(expected))
        difference = np.abs(analytic[name] - expected)
        errors[name] = float((difference / np.where(scale > 0, scale, 1)).sum())
    return errors
