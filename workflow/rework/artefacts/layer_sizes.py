"""Sizes of the layers of a described model, by formula."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rework.errors import DataError

_WINDOW = re.compile(r"(\d+)×\d+, stride (\d+), padding (\d+)")


@dataclass(frozen=True)
class Window:
    """What a square convolution or pooling slides over its input, in pixels."""

    kernel: int
    stride: int
    padding: int

    def output_size(self, size: int) -> int:
        """Return the width of the output for an input of this width.

        >>> Window(kernel=3, stride=2, padding=0).output_size(7)
        3
        """
        return (size - self.kernel + 2 * self.padding) // self.stride + 1


def window_of(layer: Mapping[str, Any]) -> Window:
    """Return the window of a convolution or pooling layer in the description of a model.

    Raises:
        DataError: it is another kind of layer.
    """
    found = _WINDOW.match(layer["detail"])
    if found is None:
        raise DataError(f"layer {layer['name']}: {layer['detail']!r} is no window with stride and padding")
    return Window(*map(int, found.groups()))
