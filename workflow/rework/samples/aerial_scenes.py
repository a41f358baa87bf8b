"""Drawn scenes from above, of ten types, with a list of what is in each: the pictures of the embedded captions.

What is there, how much of it and how it looks is random, so that the type alone doesn't tell what a caption may say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.samples import aerial_shapes as shapes
from rework.samples.aerial_shapes import Point, View
from rework.samples.painting import Colour, Random, ellipse

SIZE = 96  # side of a picture in pixels
_TREES = 4  # with fewer, nobody speaks of trees


@dataclass(frozen=True)
class Things:
    """The things of one kind in a scene.

    Attributes:
        kind: one of `rework.evaluation.contents.KINDS`.
        count: how many there are, those that the edge of the picture cuts left out.
        colours: words for their colours; none where nobody would name it.
        shape: "straight" or "curved" for roads and rivers.
    """

    kind: str
    count: int
    colours: tuple[str, ...] = ()
    shape: str = ""


@dataclass(frozen=True)
class Scene:
    """What is in a picture.

    Attributes:
        name: its type, one of ``TYPES``.
        things: those of each kind that is there.
        trees: whether there are at least four trees.
        water: word for the colour of the sea; empty where there is none.
    """

    name: str
    things: tuple[Things, ...]
    trees: bool = False
    water: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of things that are there."""
        return tuple(things.kind for things in self.things)


def draw_scene(name: str, random: Random, size: int = SIZE) -> tuple[Scene, NDArray[np.uint8]]:
    """Return a scene of a type, one of ``TYPES``, and its picture, (size, size, 3)."""
    kind = _TYPES[name]
    water = "" if kind.ground else _one_of(random, shapes.WATERS)
    ground = shapes.WATERS[water] if water else shapes.GROUNDS[kind.ground]
    turn = random.integers(4) * np.pi / 2 + random.uniform(-kind.turned, kind.turned)
    view = View(random, size, ground, float(turn))
    if water:
        shapes.waves(view, random)
    things = kind.draw(view, random)
    trees = random.random() < 0.6 and shapes.trees(view, random, kind.trees) >= _TREES
    return Scene(name, things, trees, water), view.photograph()


def _suburb(view: View, random: Random) -> tuple[Things, ...]:
    """Rows of houses along a road; sometimes another road crosses it."""
    count = 1 + int(random.random() < 0.35)
    shape, main = _line(random, 0.16 if count == 1 else 0.0)
    roads = [main, shapes.upright(_line(random, 0, random.uniform(-0.3, 0.3))[1])][:count]
    for points in roads:
        shapes.road(view, points, 0.17)
    houses = _rows_of_houses(view, random, main, (0.28, 0.62, 0.96, 1.3))
    return houses, Things("roads", count, shape=shape)


def _village(view: View, random: Random) -> tuple[Things, ...]:
    """A few houses on a green among fields."""
    fields = _fields(view, random, ((2, 2), (3, 2), (3, 3)))
    green = np.array(ellipse((0, 0), (0.56, 0.56))) * random.uniform(0.9, 1.12, (16, 1))
    view.fill(shapes.as_points(green), shapes.GROUNDS["grass"])
    count = int(random.integers(2, 6))
    angles = 2 * np.pi * np.arange(count) / count + random.uniform(0, 2 * np.pi) + random.uniform(-0.1, 0.1, count)
    (colour,) = colours = _colours(random, shapes.ROOFS, 1)
    for angle in angles.tolist():
        place = (0.38 * float(np.cos(angle)), 0.38 * float(np.sin(angle)))
        shapes.house(view, random, place, random.uniform(0, np.pi), shapes.ROOFS[colour], size=1.3)
    return Things("houses", count, colours), fields


def _riverside(view: View, random: Random) -> tuple[Things, ...]:
    """Rows of houses on both banks of a river."""
    river, points, width = _river(view, random)
    return _rows_of_houses(view, random, points, (width / 2 + 0.25, width / 2 + 0.6)), river


def _farmland(view: View, random: Random) -> tuple[Things, ...]:
    """Fields, every other time with a road."""
    fields = _fields(view, random, ((2, 2), (3, 2), (3, 3), (4, 3)))
    if random.random() < 0.5:
        return (fields,)
    shape, points = _line(random, 0.25, random.uniform(-0.3, 0.3))
    shapes.road(view, points, 0.15)
    return fields, Things("roads", 1, shape=shape)


def _valley(view: View, random: Random) -> tuple[Things, ...]:
    """A river between fields."""
    fields = _fields(view, random, ((2, 2), (3, 2), (4, 2)))
    river, *_ = _river(view, random)
    return fields, river


def _crossing(view: View, random: Random) -> tuple[Things, ...]:
    """A river with one or two bridges, each with its road."""
    count = int(random.integers(1, 3))
    places = random.uniform(-0.25, 0.25, 1) if count == 1 else np.array([-0.42, 0.42]) + random.uniform(-0.1, 0.1, 2)
    for place in places:
        shapes.road(view, shapes.upright(_line(random, 0, float(place))[1]), 0.17)
    river, points, width = _river(view, random)
    levels = np.interp(places, *np.array(points).T)
    for place, level in zip(places.tolist(), levels.tolist(), strict=True):
        half = 0.72 * width
        shapes.bridge(view, (place, level - half), (place, level + half), 0.24)
    return river, Things("bridges", count), Things("roads", count, shape="straight")


def _harbour(view: View, random: Random) -> tuple[Things, ...]:
    """Many ships at the piers of a quay."""
    shapes.quay(view, -0.78, shapes.GROUNDS["bare"])
    (colour,) = colours = _colours(random, shapes.HULLS, 1)
    count = 0
    for level in np.linspace(-1.1, 1.1, int(random.integers(3, 5))).tolist():
        shapes.pier(view, (-0.76, level), (0.95, level))
        for side in (-1, 1):
            for place in np.arange(-0.55, 0.95, 0.19)[random.random(8) < 0.85].tolist():
                at, length = (place, level + 0.17 * side), random.uniform(0.2, 0.29)
                if view.sees(at, -length):
                    shapes.ship(view, random, at, -side * np.pi / 2, length, shapes.HULLS[colour])
                    count += view.sees(at, length / 2)
    return (Things("ships", count, colours),)


def _sea(view: View, random: Random) -> tuple[Things, ...]:
    """One to three ships on the way."""
    count = int(random.integers(1, 4))
    (colour,) = colours = _colours(random, shapes.HULLS, 1)
    around, heading = random.uniform(0, 2 * np.pi), random.uniform(0, 2 * np.pi)
    for number in range(count):
        angle, far = around + 2 * np.pi * number / count, 0.25 if count == 1 else 0.55
        at = (far * float(np.cos(angle)), far * float(np.sin(angle)))
        toward, length = heading + random.uniform(-0.3, 0.3), random.uniform(0.42, 0.6)
        shapes.wake(view, at, toward, length)
        shapes.ship(view, random, at, toward, length, shapes.HULLS[colour])
    return (Things("ships", count, colours),)


def _depot(view: View, random: Random) -> tuple[Things, ...]:
    """Rows of tanks beside a road."""
    shape, points = _line(random, 0.1, -0.74)
    shapes.road(view, points, 0.18)
    columns, rows = ((2, 2), (3, 2), (3, 3))[random.integers(3)]
    radius = 0.52 / max(columns, rows) * random.uniform(0.85, 1.0)
    (colour,) = colours = _colours(random, shapes.TANKS, 1)
    for across in np.linspace(-0.66, 0.66, 2 * columns + 1)[1::2].tolist():
        for down in np.linspace(-0.42, 0.9, 2 * rows + 1)[1::2].tolist():
            shapes.tank(view, random, (across, down), radius, shapes.TANKS[colour])
    return Things("tanks", columns * rows, colours), Things("roads", 1, shape=shape)


def _terminal(view: View, random: Random) -> tuple[Things, ...]:
    """Tanks on the shore, and one or two ships beside it."""
    edge = random.uniform(-0.12, 0.08)
    shapes.quay(view, edge, shapes.GROUNDS["bare"])
    tanks, ships = int(random.integers(2, 4)), int(random.integers(1, 3))
    (paint,) = painted = _colours(random, shapes.TANKS, 1)
    (hull,) = hulls = _colours(random, shapes.HULLS, 1)
    for down in np.linspace(-0.78, 0.78, 2 * tanks + 1)[1::2].tolist():
        at = (edge - 0.42 + random.uniform(-0.06, 0.06), down)
        shapes.tank(view, random, at, random.uniform(0.19, 0.22), shapes.TANKS[paint])
    for down in np.linspace(-0.72, 0.72, 2 * ships + 1)[1::2].tolist():
        at = (edge + random.uniform(0.17, 0.24), down)
        shapes.ship(view, random, at, random.choice((-1, 1)) * np.pi / 2, random.uniform(0.5, 0.62), shapes.HULLS[hull])
    return Things("tanks", tanks, painted), Things("ships", ships, hulls)


def _rows_of_houses(view: View, random: Random, line: Sequence[Point], offsets: Sequence[float]) -> Things:
    """Paint houses in rows on both sides of a line, wherever nothing else is."""
    colours = _colours(random, shapes.ROOFS, int(random.integers(1, 3)))
    inner = np.array(line)[int(random.integers(3)) :: 3]
    turns = np.arctan2(*np.gradient(inner, axis=0)[:, ::-1].T)
    counts = dict.fromkeys(colours, 0)
    for offset in (side * offset for offset in offsets for side in (-1, 1)):
        for place, turn in zip(inner + np.array([0.0, offset]), turns.tolist(), strict=True):
            at, colour = (float(place[0]), float(place[1])), _one_of(random, colours)
            if random.random() < 0.9 and view.sees(at, -0.2) and view.free(place[None], 0.1):
                shapes.house(view, random, at, turn, shapes.ROOFS[colour])
                counts[colour] += view.sees(at, 0.15)
    return Things("houses", sum(counts.values()), tuple(colour for colour in colours if counts[colour] > 1))


def _fields(view: View, random: Random, choices: Sequence[tuple[int, int]]) -> Things:
    """Cover everything with fields, in one of the given numbers of columns and rows."""
    columns, rows = choices[int(random.integers(len(choices)))]
    colours = _colours(random, shapes.CROPS, int(random.integers(1, 3)))
    shapes.fields(view, random, (columns, rows), [shapes.CROPS[colour] for colour in colours])
    return Things("fields", columns * rows, colours)


def _river(view: View, random: Random) -> tuple[Things, list[Point], float]:
    """Paint a river from left to right, and return it, its middle line and its width."""
    width = random.uniform(0.34, 0.46)
    shape, points = _line(random, 0.2, random.uniform(-0.15, 0.15))
    (colour,) = colours = _colours(random, shapes.RIVERS, 1)
    shapes.river(view, random, points, width, shapes.RIVERS[colour])
    return Things("rivers", 1, colours, shape), points, width


def _line(random: Random, bend: float, offset: float = 0.0) -> tuple[str, list[Point]]:
    """Return the points of a line from left to right, and a word for its shape; with no bend it is always straight."""
    curved = bend > 0 and random.random() < 0.5
    return "curved" if curved else "straight", shapes.curve(random, bend if curved else 0.0, offset)


def _colours(random: Random, colours: Mapping[str, Colour], count: int) -> tuple[str, ...]:
    """Return words for so many different colours."""
    return tuple(str(word) for word in random.choice(list(colours), count, replace=False))


def _one_of(random: Random, words: Sequence[str] | Mapping[str, Colour]) -> str:
    return list(words)[int(random.integers(len(words)))]


@dataclass(frozen=True)
class _Type:
    """How scenes of a type are drawn.

    Attributes:
        draw: paints everything but ground and trees, and returns what is there.
        ground: name of the ground's colour; empty for water.
        turned: by how much a scene may be turned to either side, in radians, beside quarter turns.
        trees: how many places for trees are tried.
    """

    draw: Callable[[View, Random], tuple[Things, ...]]
    ground: str = "grass"
    turned: float = np.pi / 4
    trees: int = 0


_TYPES: Mapping[str, _Type] = {
    "suburb": _Type(_suburb, trees=90),
    "village": _Type(_village, turned=0.2, trees=24),
    "riverside": _Type(_riverside, trees=90),
    "farmland": _Type(_farmland, turned=0.2, trees=30),
    "valley": _Type(_valley, turned=0.2, trees=40),
    "crossing": _Type(_crossing, trees=60),
    "harbour": _Type(_harbour, ground=""),
    "sea": _Type(_sea, ground=""),
    "depot": _Type(_depot, ground="bare", turned=0.15),
    "terminal": _Type(_terminal, ground="", turned=0.4),
}
TYPES: tuple[str, ...] = tuple(_TYPES)
