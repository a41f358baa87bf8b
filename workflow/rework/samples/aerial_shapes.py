"""What is to be seen from above, drawn with its shadows: ground, water, fields, roads, houses, ships, tanks and trees.

Coordinates are in a square from -1 to 1, x to the right and y down, before the picture is turned. Colours are red,
green and blue, 0 to 255; those that captions speak of have a word.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from rework.samples.painting import Colour, Painting, Points, Random, ellipse, near, scaled

Point = tuple[float, float]

GROUNDS: Mapping[str, Colour] = {"grass": (106, 126, 80), "bare": (176, 158, 130)}
WATERS: Mapping[str, Colour] = {"blue": (44, 82, 122), "green": (52, 108, 98)}
RIVERS: Mapping[str, Colour] = {**WATERS, "brown": (136, 116, 82)}
ROOFS: Mapping[str, Colour] = {"red": (178, 76, 56), "grey": (112, 116, 126), "white": (222, 220, 212)}
CROPS: Mapping[str, Colour] = {"green": (84, 130, 56), "yellow": (208, 184, 92), "brown": (138, 98, 66)}
HULLS: Mapping[str, Colour] = {"white": (232, 234, 236), "red": (176, 52, 46)}
TANKS: Mapping[str, Colour] = {"white": (230, 230, 226), "grey": (142, 146, 150)}
_SCALE = 2
_ASPHALT, _VERGE, _CONCRETE, _DECK = (112, 112, 116), (158, 146, 122), (190, 188, 182), (206, 202, 192)
_MARKING, _LIGHT, _SAND, _LEAVES = (222, 222, 214), (238, 236, 228), (170, 158, 124), (54, 86, 44)
_SHADE, _FOAM = (18, 22, 42), (226, 238, 242)


class View(Painting):
    """A square piece of land or water from above, in the light of a sun, to paint things on.

    Args:
        random: decides how uneven the ground is, where the sun stands and how light it is.
        size: side of the final picture in pixels.
        ground: colour of the ground.
        turn: angle in radians by which everything is turned.
    """

    def __init__(self, random: Random, size: int, ground: Colour, turn: float) -> None:
        image = _uneven(random, size * _SCALE, ground)
        cosine, sine = float(np.cos(turn)), float(np.sin(turn))
        super().__init__(image, _SCALE, np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]]))
        self._random = random
        self._thin = ImageDraw.Draw(image, "RGBA")
        direction, length = random.uniform(0, 2 * np.pi), random.uniform(0.5, 0.8)
        self._sun = (float(length * np.cos(direction)), float(length * np.sin(direction)))
        self._taken: list[tuple[float, float, float]] = []

    def glaze(self, points: Points, colour: Colour, alpha: int) -> None:
        """Fill an outline with a colour through which what lies below shows; ``alpha`` is 255 where it doesn't."""
        self._thin.polygon(self._pixels(points), fill=(*colour, alpha))

    def scratch(self, points: Points, colour: Colour, alpha: int) -> None:
        """Draw a thin line through which what lies below shows."""
        self._thin.line(self._pixels(points), fill=(*colour, alpha), width=1)

    def shadow(self, points: Points, height: float) -> None:
        """Darken where a thing of this outline and height throws its shadow."""
        across, down = height * self._sun[0], height * self._sun[1]
        self.glaze([(x + across, y + down) for x, y in points], _SHADE, 105)

    def lit(self, colour: Colour, slope: Point) -> Colour:
        """Return the colour of a surface that slopes down in a direction: lighter if towards the sun."""
        # Shadows point away from the sun.
        return scaled(colour, 1 - 0.28 * (slope[0] * self._sun[0] + slope[1] * self._sun[1]))

    def take(self, points: Points, radius: float) -> None:
        """Keep trees away from points."""
        self._taken += [(x, y, radius) for x, y in points]

    def free(self, points: NDArray[np.float64], radius: float) -> list[Point]:
        """Return those of the points (N, 2) that are further than a radius away from all that is taken."""
        taken = np.array(self._taken).reshape(-1, 3)
        distances = np.hypot(*(points[:, None, axis] - taken[None, :, axis] for axis in (0, 1)))
        return as_points(points[(distances > taken[:, 2] + radius).all(axis=1)])

    def sees(self, point: Point, radius: float) -> bool:
        """Return whether all that is within a radius of a point is in the picture."""
        return all(radius * self._half <= place <= (2 - radius) * self._half for place in self._pixels([point])[0])

    def photograph(self) -> NDArray[np.uint8]:
        """Return the picture at its final size with the grain and the light of a photograph, (size, size, 3)."""
        clean = self.pixels()
        grain = self._random.normal(0, 4.5, (*clean.shape[:2], 1)).astype(np.float32)
        light = np.float32(self._random.uniform(0.9, 1.1))
        shot: NDArray[np.uint8] = np.rint(clean * light + grain).clip(0, 255).astype(np.uint8)
        return shot


def as_points(rows: NDArray[np.float64]) -> list[Point]:
    """Return points given as an array (N, 2)."""
    return [(x, y) for x, y in rows.tolist()]


def waves(view: View, random: Random) -> None:
    """Scratch waves into a view whose ground is water."""
    for x, y, length in zip(*random.uniform(-1.4, 1.4, (2, 70)), random.uniform(0.05, 0.18, 70), strict=True):
        view.scratch([(x, y), (x + length / 2, y - 0.02), (x + length, y)], _FOAM, 34)


def fields(view: View, random: Random, shape: tuple[int, int], colours: Sequence[Colour]) -> None:
    """Cover the view with fields in so many columns and rows; each colour is that of at least one of them."""
    # Corners of the fields; the outermost lie outside the picture, whichever way it is turned a little.
    x, y = np.meshgrid(*(np.linspace(-1, 1, count + 1) for count in shape), indexing="ij")
    corners = np.stack([x, y], axis=-1) + random.uniform(-0.22, 0.22, (*x.shape, 2)) / max(shape)
    corners[0, :, 0], corners[-1, :, 0], corners[:, 0, 1], corners[:, -1, 1] = -1.6, 1.6, -1.6, 1.6
    order = random.permutation(np.arange(shape[0] * shape[1]) % len(colours))
    for number, colour in enumerate(order):
        column, row = divmod(number, shape[1])
        around = corners[[column, column + 1, column + 1, column], [row, row, row + 1, row + 1]]
        _field(view, random, around, near(random, colours[int(colour)], 9))


def _field(view: View, random: Random, corners: NDArray[np.float64], colour: Colour) -> None:
    """Paint a field between four corners, with furrows along one of its sides and a strip of grass around it."""
    inner = corners + 0.03 * np.sign(corners.mean(axis=0) - corners)
    view.fill(as_points(inner), colour)
    first, second, third, fourth = inner if random.random() < 0.5 else np.roll(inner, 1, axis=0)
    furrows = int(1 + 22 * np.hypot(*(second - first)) / 2)
    shares = (np.arange(furrows)[:, None] + 0.5) / furrows
    dark, alpha = scaled(colour, 0.55), int(random.integers(50, 110))
    for start, end in zip(first + shares * (second - first), fourth + shares * (third - fourth), strict=True):
        view.scratch(as_points(np.stack([start, end])), dark, alpha)


def curve(random: Random, bend: float, offset: float = 0.0) -> list[Point]:
    """Return the points of a line from left to right through the whole view; ``bend`` 0 is a straight one."""
    across = np.linspace(-1.6, 1.6, 33)
    down = offset + bend * np.sin(across * random.uniform(2.0, 2.6) + random.uniform(0, 2 * np.pi))
    return as_points(np.stack([across, down], axis=-1))


def upright(points: Points) -> list[Point]:
    """Return the points of a line from top to bottom instead of from left to right."""
    return [(y, x) for x, y in points]


def road(view: View, points: Points, width: float) -> None:
    """Paint a road with a verge and a broken line in its middle."""
    view.take(points, 0.7 * width)
    view.fill(_band(points, 1.35 * width), _VERGE)
    view.fill(_band(points, width), _ASPHALT)
    for start, end in zip(points[::2], points[1::2], strict=False):
        view.line([start, end], _MARKING, 0.018)


def river(view: View, random: Random, points: Points, width: float, colour: Colour) -> None:
    """Paint a river between banks, with ripples."""
    view.take(points, 0.65 * width)
    view.fill(_band(points, 1.3 * width), scaled(GROUNDS["grass"], 0.72))
    view.fill(_band(points, 1.12 * width), _SAND)
    view.fill(_band(points, width), colour)
    for place in np.linspace(-0.4, 0.4, 6):
        start = int(random.integers(0, 20))
        ripple = [(x, y + float(place) * width) for x, y in points[start : start + 12]]
        view.scratch(ripple, _FOAM, 50)


def bridge(view: View, start: Point, end: Point, width: float) -> None:
    """Paint a bridge from one point to another over what was painted before, with railings."""
    deck = _band([start, end], width)
    view.shadow(deck, 0.13)
    view.fill(deck, _DECK)
    view.line([start, end], _ASPHALT, 0.62 * width)
    for railing in (deck[:2], deck[2:]):
        view.line(railing, _LIGHT, 0.03)
    view.line([start, end], _MARKING, 0.018)


def house(view: View, random: Random, centre: Point, angle: float, roof: Colour, size: float = 1.0) -> None:
    """Paint a house: a roof of two slopes, of which one is in the light."""
    view.take([centre], 0.11 * size)
    deep = random.uniform(0.65, 0.8)
    corners = [(1, deep), (1, 0), (1, -deep), (-1, -deep), (-1, 0), (-1, deep)]
    outline = _along(centre, angle, size * random.uniform(0.095, 0.12), corners)
    view.shadow(outline, 0.1)
    paint, across = near(random, roof, 9), (-float(np.sin(angle)), float(np.cos(angle)))
    view.fill([*outline[:2], *outline[4:]], view.lit(paint, across))
    view.fill(outline[1:5], view.lit(paint, (-across[0], -across[1])))
    view.line([outline[1], outline[4]], scaled(paint, 1.18), 0.014)


def tank(view: View, random: Random, centre: Point, radius: float, colour: Colour) -> None:
    """Paint a round storage tank: its wall, its lid and a stair or a pipe on it."""
    view.take([centre], 1.25 * radius)
    paint = near(random, colour, 5)
    view.shadow(ellipse(centre, (radius, radius)), 0.18)
    view.disc(centre, (radius, radius), scaled(paint, 0.62))
    view.disc(centre, (0.9 * radius, 0.9 * radius), paint)
    view.disc(centre, (0.66 * radius, 0.66 * radius), scaled(paint, 0.93))
    view.disc(centre, (0.6 * radius, 0.6 * radius), scaled(paint, 1.04))
    direction = random.uniform(0, 2 * np.pi)
    edge = _along(centre, direction, 0.9 * radius, [(1, 0)])
    view.line([centre, *edge], scaled(paint, 0.6), 0.02)


def ship(view: View, random: Random, centre: Point, angle: float, length: float, hull: Colour) -> None:
    """Paint a ship that heads in a direction, with a deck and a cabin."""
    paint = near(random, hull, 7)
    body = [(0.5, 0), (0.3, 0.12), (-0.42, 0.14), (-0.5, 0.1), (-0.5, -0.1), (-0.42, -0.14), (0.3, -0.12)]
    cabin = _along(centre, angle, length, [(-0.1, 0.08), (-0.34, 0.08), (-0.34, -0.08), (-0.1, -0.08)])
    outline = _along(centre, angle, length, body)
    view.shadow(outline, 0.12 * length)
    view.fill(outline, paint)
    view.fill(_along(centre, angle, length, [(0.75 * ahead, 0.6 * aside) for ahead, aside in body]), scaled(paint, 0.8))
    view.shadow(cabin, 0.1 * length)
    view.fill(cabin, near(random, _LIGHT, 5))


def wake(view: View, centre: Point, angle: float, length: float) -> None:
    """Paint the foam behind a ship on its way, thinner with the distance."""
    for reach in (0.7, 1.0, 1.3, 1.6):
        aside = 0.1 + 0.14 * reach
        view.glaze(_along(centre, angle, length, [(0.3, 0.0), (-reach, aside), (-reach, -aside)]), _FOAM, 30)


def quay(view: View, edge: float, ground: Colour) -> None:
    """Paint land to the left of an edge, with a wall along the water."""
    shore: list[Point] = [(edge, -1.6), (edge, 1.6), (-1.6, 1.6), (-1.6, -1.6)]
    view.shadow(shore, 0.06)
    view.fill(shore, ground)
    view.line([(edge, -1.6), (edge, 1.6)], _CONCRETE, 0.07)


def pier(view: View, start: Point, end: Point) -> None:
    """Paint a narrow pier."""
    (x, y), (right, bottom) = start, end
    view.shadow([(x, y - 0.025), (right, bottom - 0.025), (right, bottom + 0.025), (x, y + 0.025)], 0.06)
    view.line([start, end], _CONCRETE, 0.05)


def trees(view: View, random: Random, attempts: int) -> int:
    """Try to paint so many trees where nothing else is; return how many are wholly in the picture."""
    seen = 0
    for place in view.free(random.uniform(-1.35, 1.35, (attempts, 2)), 0.07):
        radius = random.uniform(0.045, 0.08)
        leaves = near(random, _LEAVES, 10)
        view.shadow(ellipse(place, (radius, radius)), 0.1)
        view.disc(place, (radius, radius), leaves)
        view.disc((place[0] - 0.01, place[1] - 0.012), (0.6 * radius, 0.55 * radius), scaled(leaves, 1.3))
        seen += view.sees(place, radius)
    return seen


def _uneven(random: Random, side: int, colour: Colour) -> Image.Image:
    """Return a ground of about one colour, with large and small patches that are lighter or darker."""
    coarse = Image.fromarray(random.normal(0, 9, (5, 5)).astype(np.float32)).resize((24, 24), Image.Resampling.BICUBIC)
    patches = np.asarray(coarse) + random.normal(0, 6, (24, 24))
    levels = np.rint(patches[..., None] + near(random, colour, 6)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(levels).resize((side, side), Image.Resampling.BICUBIC)


def _band(points: Points, width: float) -> list[Point]:
    """Return the outline of a band along a line: one side there, the other one back."""
    line = np.array(points)
    along = np.gradient(line, axis=0)
    aside = along[:, ::-1] * (-1, 1) * width / 2 / np.hypot(*along.T)[:, None]
    return [*as_points(line + aside), *reversed(as_points(line - aside))]


def _along(centre: Point, angle: float, length: float, outline: Sequence[Point]) -> list[Point]:
    """Return an outline, given as shares of a length ahead and aside, around a centre and in a direction."""
    (x, y), cosine, sine = centre, length * float(np.cos(angle)), length * float(np.sin(angle))
    return [(x + ahead * cosine - aside * sine, y + ahead * sine + aside * cosine) for ahead, aside in outline]
