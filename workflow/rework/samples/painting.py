"""A square colour picture to paint on with smooth edges, and colours that resemble others.

Coordinates are in a square from -1 to 1, x to the right and y down. Colours are red, green and blue, 0 to 255.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = Sequence[tuple[float, float]]
Random = np.random.Generator
Colour = tuple[int, int, int]

_TURNS = [(float(np.cos(angle)), float(np.sin(angle))) for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False)]


class Painting:
    """A square colour picture to paint on, larger than the final one so that edges become smooth.

    Args:
        background: the picture to paint on; its side is ``scale`` times that of the final picture.
        scale: how many times larger the painting is.
        transform: matrix (2, 3), applied to every point.
    """

    def __init__(self, background: Image.Image, scale: int, transform: NDArray[np.float64]) -> None:
        self._image = background
        self._scale = scale
        self._half = background.width / 2
        self._draw = ImageDraw.Draw(background)
        self._matrix = [[float(value) for value in row] for row in transform]

    def fill(self, points: Points, colour: Colour) -> None:
        """Fill a closed outline."""
        self._draw.polygon(self._pixels(points), fill=colour)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """Draw an open line."""
        self._draw.line(self._pixels(points), fill=colour, width=max(1, round(width * self._half)), joint="curve")

    def disc(self, centre: tuple[float, float], radius: tuple[float, float], colour: Colour) -> None:
        """Fill an ellipse."""
        self.fill(ellipse(centre, radius), colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.fill([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture at its final size, (size, size, 3)."""
        return np.asarray(self._image.reduce(self._scale))

    def _pixels(self, points: Points) -> list[tuple[float, float]]:
        (a, b, c), (d, e, f) = self._matrix
        half = self._half
        return [((a * x + b * y + c + 1) * half, (d * x + e * y + f + 1) * half) for x, y in points]


def ellipse(centre: tuple[float, float], radius: tuple[float, float]) -> Points:
    """Return the outline of an ellipse with these horizontal and vertical radii."""
    (x, y), (across, down) = centre, radius
    return [(x + across * cosine, y + down * sine) for cosine, sine in _TURNS]


def near(random: Random, colour: Colour, spread: float) -> Colour:
    """Return a colour of about the same lightness and hue."""
    red, green, blue = (np.array(colour) + random.normal(0, spread) + random.normal(0, spread / 3, 3)).clip(0, 255)
    return int(red), int(green), int(blue)


def scaled(colour: Colour, factor: float) -> Colour:
    """Return a darker colour, or a lighter one for a factor above 1."""
    red, green, blue = (min(255, round(factor * level)) for level in colour)
    return red, green, blue
