"""Drawn garments: outlines with random proportions, one function per garment, for the embedded Fashion-MNIST sample.

Coordinates are in a square from -1 to 1, x to the right and y down; `Sketch` maps them to pixels through a random
affine transform. Shades are 0 to 1; 0 is the background.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = Sequence[tuple[float, float]]
Random = np.random.Generator


class Sketch:
    """A square grey picture to draw on, larger than the final one so that edges become smooth.

    Args:
        size: side of the final picture in pixels.
        scale: how many times larger the drawing is.
        transform: matrix (2, 3) from garment coordinates to garment coordinates, applied to every point.
    """

    def __init__(self, size: int, scale: int, transform: NDArray[np.float64]) -> None:
        self._scale = scale
        self._side = size * scale
        self._transform = transform
        self._image = Image.new("L", (self._side, self._side))
        self._draw = ImageDraw.Draw(self._image)

    def fill(self, points: Points, shade: float, *, smooth: bool = True) -> None:
        """Fill a closed outline; its corners are rounded if ``smooth``."""
        self._draw.polygon(self._pixels(_round_corners(points) if smooth else points), fill=_level(shade))

    def line(self, points: Points, shade: float, width: float = 0.03) -> None:
        """Draw an open line; ``width`` is in garment coordinates."""
        pixels = max(1, round(width * self._side / 2))
        self._draw.line(self._pixels(points), fill=_level(shade), width=pixels, joint="curve")

    def disc(self, centre: tuple[float, float], radius: tuple[float, float], shade: float) -> None:
        """Fill an ellipse."""
        self.fill(_arc(centre, radius, 0, 2 * np.pi), shade, smooth=False)

    def ring(
        self,
        centre: tuple[float, float],
        radius: tuple[float, float],
        turn: tuple[float, float],
        shade: float,
        width: float,
    ) -> None:
        """Draw a part of an ellipse between two angles in radians (0 is right, clockwise)."""
        self.line(_arc(centre, radius, *turn), shade, width)

    def pixels(self) -> NDArray[np.float64]:
        """Return the picture at its final size, values 0 to 1."""
        return np.asarray(self._image.reduce(self._scale), dtype=np.float64) / 255

    def _pixels(self, points: Points) -> list[tuple[float, float]]:
        moved = np.asarray(points) @ self._transform[:, :2].T + self._transform[:, 2]
        return [(float(x), float(y)) for x, y in (moved + 1) * (self._side / 2)]


def t_shirt(sketch: Sketch, random: Random, shade: float) -> None:
    """A top with short sleeves and a round or V neck, plain or with a print."""
    body = _Torso(random, length=(0.72, 0.86), width=(0.42, 0.54))
    body.draw(sketch, shade)
    sleeve = random.uniform(0.3, 0.55)
    body.sleeves(sketch, random, shade, end=(random.uniform(0.78, 0.95), -0.62 + sleeve), cuff=random.uniform(0.2, 0.3))
    body.neck(sketch, 0.0, depth=random.uniform(0.12, 0.3), pointed=random.random() < 0.3)
    if random.random() < 0.35:
        height = random.uniform(-0.2, 0.2)
        half = random.uniform(0.12, 0.3)
        sketch.fill(
            [(-half, height - half), (half, height - half), (half, height + half), (-half, height + half)],
            _contrast(random, shade),
        )


def trouser(sketch: Sketch, random: Random, shade: float) -> None:
    """Two legs below a waistband, from tight to wide, rarely shorts."""
    waist, hip = random.uniform(0.26, 0.36), random.uniform(0.34, 0.44)
    hem = random.uniform(0.85, 0.95) if random.random() < 0.9 else random.uniform(0.2, 0.5)
    crotch = random.uniform(-0.45, -0.2)
    gap, leg = random.uniform(0.08, 0.2), random.uniform(0.18, 0.3)
    for side in (-1, 1):
        leg_outline = [(0, -0.92), (waist, -0.92), (hip, crotch), (gap + leg, hem), (gap, hem), (0.01, crotch + 0.08)]
        sketch.fill([(side * x, y) for x, y in leg_outline], shade, smooth=False)
    sketch.line([(-waist, -0.84), (waist, -0.84)], _darker(shade), 0.04)
    if random.random() < 0.5:
        sketch.line([(0, -0.84), (0, crotch)], _darker(shade), 0.03)


def pullover(sketch: Sketch, random: Random, shade: float) -> None:
    """A closed, short top with long sleeves, a raised collar or a round neck, and a ribbed hem and cuffs."""
    body = _Torso(random, length=(0.55, 0.75), width=(0.44, 0.58))
    rib = _darker(shade)
    if random.random() < 0.6:
        wide, high = body.neck_width, random.uniform(0.08, 0.18)
        collar = [(-wide, body.top - high), (wide, body.top - high), (wide, body.top + 0.05), (-wide, body.top + 0.05)]
        sketch.fill(collar, rib, smooth=False)
    body.draw(sketch, shade)
    end, cuff = (random.uniform(0.68, 0.92), random.uniform(0.4, 0.7)), random.uniform(0.16, 0.24)
    body.sleeves(sketch, random, shade, end=end, cuff=cuff)
    for side in (-1, 1):
        sketch.line([(side * (end[0] + 0.04), end[1] - 0.1), (side * (end[0] - cuff), end[1])], rib, 0.1)
    sketch.ring((0, body.top + 0.02), (body.neck_width, random.uniform(0.06, 0.14)), (0, np.pi), rib, 0.06)
    sketch.line([(-body.hem, body.bottom - 0.06), (body.hem, body.bottom - 0.06)], rib, 0.12)


def dress(sketch: Sketch, random: Random, shade: float) -> None:
    """A long piece with a waist and a skirt from straight to flared; straps, or short or long sleeves."""
    shoulder, bust = random.uniform(0.2, 0.34), random.uniform(0.26, 0.36)
    waist, waist_at = random.uniform(0.18, 0.28), random.uniform(-0.3, 0.0)
    hem = random.uniform(0.34, 0.7)
    top, bottom = -0.9, random.uniform(0.8, 0.94)
    right = [
        (shoulder * 0.5, top),
        (shoulder, top),
        (bust, -0.55),
        (waist, waist_at),
        (hem, bottom),
        (0, bottom + 0.03),
    ]
    sketch.fill(_mirrored(right), shade)
    kind = random.random()
    if kind < 0.45:
        reach, drop = (random.uniform(0.45, 0.6), -0.35) if kind < 0.3 else (random.uniform(0.5, 0.68), 0.25)
        for side in (-1, 1):
            arm = [(shoulder * 0.7, top), (reach, drop - 0.05), (reach - 0.12, drop + 0.06), (bust * 0.8, -0.5)]
            sketch.fill([(side * x, y) for x, y in arm], shade, smooth=False)
    sketch.disc((0, top), (shoulder * 0.55, random.uniform(0.12, 0.3)), 0.0)
    if random.random() < 0.5:
        sketch.line([(-waist, waist_at), (waist, waist_at)], _contrast(random, shade), 0.05)


def coat(sketch: Sketch, random: Random, shade: float) -> None:
    """A long, wide top with long sleeves, open at the front, with lapels, and sometimes buttons and pockets."""
    body = _Torso(random, length=(0.84, 0.96), width=(0.44, 0.58))
    body.draw(sketch, shade)
    end = (random.uniform(0.66, 0.9), random.uniform(0.5, 0.82))
    body.sleeves(sketch, random, shade, end=end, cuff=random.uniform(0.16, 0.24))
    dark = _darker(shade)
    lapel = random.uniform(0.25, 0.6)
    gap = random.uniform(0.04, 0.16)
    sketch.fill([(-0.2, body.top), (0.2, body.top), (0.02, body.top + lapel), (-0.02, body.top + lapel)], dark)
    sketch.fill(
        [(-0.03, body.top), (0.03, body.top), (gap, body.bottom + 0.05), (-gap, body.bottom + 0.05)], 0.0, smooth=False
    )
    for side in (-1, 1):
        edge = [(side * 0.22, body.top), (side * 0.05, body.top + lapel)]
        sketch.line(edge, min(1.0, shade * 1.25), 0.06)
        if random.random() < 0.5:
            pocket = body.bottom - random.uniform(0.3, 0.5)
            sketch.line([(side * 0.2, pocket), (side * 0.4, pocket)], dark, 0.05)
    if random.random() < 0.5:
        for height in np.linspace(body.top + lapel, body.bottom - 0.2, 4):
            sketch.disc((gap + 0.06, float(height)), (0.05, 0.05), _contrast(random, shade))


def sandal(sketch: Sketch, random: Random, shade: float) -> None:
    """A thin sole, flat or on a heel, under a few separate straps."""
    heel = random.uniform(0.0, 0.6) if random.random() < 0.6 else 0.0
    ground = random.uniform(0.3, 0.5)
    thick = random.uniform(0.06, 0.14)
    top = [(-0.9, ground - 0.02), (-0.3, ground - 0.04), (0.3, ground - heel * 0.7), (0.85, ground - heel)]
    sketch.fill([*top, *((x, y + thick) for x, y in reversed(top))], shade)
    if heel > 0.15:
        width = random.uniform(0.08, 0.25)
        if random.random() < 0.4:
            sketch.fill([(-0.1, ground), (0.85, ground - heel), (0.85, ground + thick), (-0.9, ground + thick)], shade)
        else:
            foot = [(0.85, ground - heel), (0.82, ground + thick), (0.82 - width, ground + thick), (0.6, ground - heel)]
            sketch.fill(foot, shade, smooth=False)
    light = _contrast(random, shade) if random.random() < 0.4 else shade
    for start in np.sort(random.uniform(-0.75, 0.1, size=random.integers(2, 5))):
        x, arch = float(start), random.uniform(0.3, 0.55)
        base = ground - heel * max(0.0, (x + 0.3) / 1.15)
        bow = [(x, base), (x + 0.1, base - arch * 0.8), (x + 0.3, base - arch), (x + random.uniform(0.35, 0.6), base)]
        sketch.line(bow, light, random.uniform(0.05, 0.12))
    if random.random() < 0.7:
        ankle = ground - heel - random.uniform(0.35, 0.55)
        sketch.line([(0.8, ground - heel), (0.84, ankle), (0.25, ankle - 0.05)], light, random.uniform(0.05, 0.1))


def shirt(sketch: Sketch, random: Random, shade: float) -> None:
    """A slim top with a pointed collar and a row of buttons on a placket; sleeves long, rarely short."""
    body = _Torso(random, length=(0.7, 0.9), width=(0.36, 0.46))
    body.draw(sketch, shade)
    if random.random() < 0.8:
        end, cuff = (random.uniform(0.62, 0.88), random.uniform(0.4, 0.75)), random.uniform(0.12, 0.18)
    else:
        end, cuff = (random.uniform(0.72, 0.9), random.uniform(-0.35, -0.1)), random.uniform(0.16, 0.26)
    body.sleeves(sketch, random, shade, end=end, cuff=cuff)
    body.neck(sketch, 0.0, depth=random.uniform(0.1, 0.18), pointed=True)
    trim = _contrast(random, shade)
    for side in (-1, 1):
        tip = random.uniform(0.12, 0.24)
        collar = [(side * 0.02, body.top + 0.2), (side * 0.2, body.top - 0.08), (side * 0.3, body.top + tip + 0.06)]
        sketch.fill(collar, trim, smooth=False)
    sketch.line([(0, body.top + 0.2), (0, body.bottom)], _darker(shade), 0.08)
    for height in np.linspace(body.top + 0.3, body.bottom - 0.12, random.integers(4, 7)):
        sketch.disc((0, float(height)), (0.05, 0.05), trim)


def sneaker(sketch: Sketch, random: Random, shade: float) -> None:
    """A low shoe with a thick sole of another shade, laces and sometimes stripes."""
    ground, thick = random.uniform(0.38, 0.52), random.uniform(0.1, 0.2)
    collar, tongue = ground - random.uniform(0.6, 0.8), random.uniform(0.0, 0.25)
    toe = random.uniform(0.28, 0.42)
    upper = [
        (-0.92, ground), (-0.88, ground - toe), (-0.45, ground - toe - 0.1), (tongue - 0.05, collar - 0.02),
        (tongue + 0.2, collar), (0.55, collar + 0.14), (0.82, collar - 0.02), (0.9, collar + 0.25), (0.9, ground),
    ]  # fmt: skip
    sketch.fill(upper, shade)
    sole = _contrast(random, shade)
    sketch.fill([(-0.95, ground - 0.03), (0.93, ground - 0.03), (0.9, ground + thick), (-0.9, ground + thick)], sole)
    for step in np.linspace(0.15, 0.85, random.integers(3, 6)):
        x = -0.45 + float(step) * (tongue + 0.4)
        y = ground - toe - 0.1 + float(step) * (collar - ground + toe + 0.1)
        sketch.line([(x, y), (x + 0.16, y + 0.14)], sole, 0.05)
    if random.random() < 0.5:
        for x in (0.25, 0.4, 0.55)[: random.integers(1, 4)]:
            sketch.line([(x, ground - 0.05), (x - 0.15, collar + 0.3)], sole, 0.06)


def bag(sketch: Sketch, random: Random, shade: float) -> None:
    """A box, wider or narrower at the top, with a handle or a strap, and a flap, a zip or a lock."""
    half, foot = random.uniform(0.5, 0.85), random.uniform(0.5, 0.88)
    top, bottom = random.uniform(-0.4, -0.05), random.uniform(0.6, 0.85)
    grip, rise = random.uniform(0.2, 0.48), random.uniform(0.3, 0.6)
    dark = _darker(shade)
    if random.random() < 0.85:
        width = random.uniform(0.05, 0.12)
        sketch.ring((0, top + 0.03), (grip, min(rise, top + 0.95)), (np.pi, 2 * np.pi), shade, width)
    sketch.fill([(-half, top), (half, top), (foot, bottom), (-foot, bottom)], shade, smooth=random.random() < 0.4)
    kind = random.random()
    if kind < 0.4:
        flap = top + random.uniform(0.25, 0.5)
        sketch.line([(-half, top + 0.05), (-half * 0.6, flap), (half * 0.6, flap), (half, top + 0.05)], dark, 0.05)
        sketch.disc((0, flap), (0.07, 0.06), _contrast(random, shade))
    elif kind < 0.75:
        sketch.line([(-half * 0.9, top + 0.12), (half * 0.9, top + 0.12)], dark, 0.05)
    else:
        for side in (-1, 1):
            sketch.line([(side * grip, top), (side * grip, bottom)], dark, 0.07)


def ankle_boot(sketch: Sketch, random: Random, shade: float) -> None:
    """A shoe with a shaft above the ankle, a heel, and laces, a zip or an elastic."""
    ground, thick = random.uniform(0.6, 0.72), random.uniform(0.06, 0.14)
    shaft = random.uniform(-0.85, -0.45)
    front, toe = random.uniform(-0.15, 0.1), random.uniform(0.25, 0.38)
    back = random.uniform(0.72, 0.85)
    upper = [
        (-0.9, ground), (-0.86, ground - toe), (-0.4, ground - toe - 0.1), (front, ground - 0.7), (front - 0.05, shaft),
        (back, shaft + random.uniform(-0.08, 0.08)), (back - 0.04, 0.1), (back + 0.06, ground),
    ]  # fmt: skip
    sketch.fill(upper, shade)
    dark = _darker(shade)
    heel = random.uniform(0.06, 0.28)
    sole = _contrast(random, shade) if random.random() < 0.3 else dark
    sketch.fill([(-0.92, ground), (back + 0.06, ground), (back + 0.04, ground + thick), (-0.9, ground + thick)], sole)
    block = [(0.35, ground), (back + 0.06, ground), (back + 0.03, ground + heel), (0.42, ground + heel)]
    sketch.fill(block, sole, smooth=False)
    kind = random.random()
    if kind < 0.4:
        for height in np.linspace(shaft + 0.12, ground - 0.5, 4):
            sketch.line([(front - 0.02, float(height)), (front + 0.22, float(height) + 0.05)], sole, 0.05)
    elif kind < 0.7:
        sketch.fill([(0.3, shaft + 0.1), (0.5, shaft + 0.1), (0.42, 0.15)], dark, smooth=False)
    else:
        sketch.line([(0.35, shaft), (0.35, ground)], dark, 0.04)


class _Torso:
    """The trunk that the four tops share: shoulders, armpits, and a straight, waisted or widening body."""

    def __init__(self, random: Random, length: tuple[float, float], width: tuple[float, float]) -> None:
        self.top = -0.78
        self.bottom = random.uniform(*length)
        self.neck_width = random.uniform(0.16, 0.24)
        self.chest = random.uniform(*width)
        self.shoulder = self.chest + random.uniform(-0.02, 0.08)
        self.waist = self.chest * random.uniform(0.85, 1.02)
        self.hem = self.chest * random.uniform(0.92, 1.12)

    def draw(self, sketch: Sketch, shade: float) -> None:
        """Fill the trunk."""
        right = [
            (self.neck_width, self.top), (self.shoulder, self.top + 0.12), (self.chest, -0.25), (self.waist, 0.15),
            (self.hem, self.bottom), (0, self.bottom),
        ]  # fmt: skip
        sketch.fill(_mirrored(right), shade, smooth=False)

    def sleeves(self, sketch: Sketch, random: Random, shade: float, end: tuple[float, float], cuff: float) -> None:
        """Fill both sleeves from the shoulders to ``end``, and mark the seams."""
        bend = random.uniform(0.0, 0.08)
        x, y = end
        for side in (-1, 1):
            arm = [
                (self.neck_width, self.top), (self.shoulder, self.top + 0.08), (x + bend, y - 0.05),
                (x - cuff, y + 0.05), (self.chest - 0.03, -0.2),
            ]  # fmt: skip
            sketch.fill([(side * across, down) for across, down in arm], shade, smooth=False)
            seam = [(side * (self.shoulder - 0.03), self.top + 0.12), (side * (self.chest - 0.04), -0.2)]
            sketch.line(seam, _darker(shade), 0.02)

    def neck(self, sketch: Sketch, shade: float, depth: float, *, pointed: bool) -> None:
        """Fill the neckline with a shade; 0 shows the background."""
        if pointed:
            sketch.fill(
                [(-self.neck_width, self.top - 0.05), (self.neck_width, self.top - 0.05), (0, self.top + depth * 1.4)],
                shade,
                smooth=False,
            )
        else:
            sketch.disc((0, self.top), (self.neck_width, depth), shade)


def _mirrored(right: Points) -> list[tuple[float, float]]:
    """Return a closed outline from its right half, top to bottom."""
    return [*right, *((-x, y) for x, y in reversed(right))]


def _round_corners(points: Points) -> list[tuple[float, float]]:
    """Cut each corner of a closed outline twice (Chaikin, 1974), which turns it into a smooth curve."""
    outline = np.asarray(points, dtype=np.float64)
    for _ in range(2):
        following = np.roll(outline, -1, axis=0)
        cuts = np.stack([0.8 * outline + 0.2 * following, 0.2 * outline + 0.8 * following], axis=1)
        outline = cuts.reshape(-1, 2)
    return [(float(x), float(y)) for x, y in outline]


def _arc(
    centre: tuple[float, float], radius: tuple[float, float], start: float, stop: float
) -> list[tuple[float, float]]:
    angles = np.linspace(start, stop, 24)
    xs, ys = centre[0] + radius[0] * np.cos(angles), centre[1] + radius[1] * np.sin(angles)
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def _level(shade: float) -> int:
    return round(255 * min(max(shade, 0.0), 1.0))


def _darker(shade: float) -> float:
    return 0.55 * shade


def _contrast(random: Random, shade: float) -> float:
    """Return a shade that differs clearly from ``shade`` but is still in the range of garments."""
    return float(random.uniform(0.75, 1.0) if shade < 0.6 else random.uniform(0.2, 0.45))
