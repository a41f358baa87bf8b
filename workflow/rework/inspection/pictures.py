"""Pictures of any size brought to the shape that a network reads."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.errors import ConfigError


def fitted(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return the middle of a picture, scaled to what a network reads.

    Args:
        picture: RGB bytes, H x W x 3.
        shape: of the result, C x H x W; with one channel it is grey.

    Raises:
        ConfigError: the network reads neither grey nor colour pictures.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise ConfigError(f"a picture of your own has 1 or 3 channels; this network reads {channels}")
    image = Image.fromarray(picture)
    share = min(image.width / width, image.height / height)
    left, top = (image.width - share * width) / 2, (image.height - share * height) / 2
    box = (left, top, left + share * width, top + share * height)
    # Box: each pixel becomes the mean of those that it covers.
    small = image.resize((width, height), Image.Resampling.BOX, box=box)
    pixels = np.asarray(small if channels == 3 else small.convert("L"))
    return np.ascontiguousarray(pixels.reshape(height, width, channels).transpose(2, 0, 1))
