"""Drawn vehicles and animals in colour, one function per class of CIFAR-10, for the embedded sample.

Coordinates are in a square from -1 to 1, x to the right and y down; things face right. A `Painting` maps them
to pixels through a random affine transform.
"""

from collections.abc import Sequence

from rework.samples.painting import Colour, Painting, Random, near, scaled

_PAINTS = ((190, 30, 35), (30, 60, 160), (225, 225, 220), (60, 60, 65), (220, 180, 40), (40, 110, 70), (150, 150, 160))
_FURS = ((120, 80, 45), (60, 45, 35), (190, 160, 120), (225, 215, 200), (110, 105, 100), (170, 105, 50), (35, 32, 32))
_PLUMES = (*_FURS, (60, 90, 160), (170, 50, 45), (230, 230, 235))
_SKINS = ((70, 130, 50), (100, 110, 50), (130, 100, 60), (60, 90, 60), (150, 160, 60), (120, 80, 45))
_BLACK = (25, 25, 28)
_GLASS = (150, 180, 200)


def airplane(painting: Painting, random: Random) -> None:
    """A fuselage with swept wings and a tail, from the side or from below."""
    paint = near(random, (220, 220, 225), 30) if random.random() < 0.5 else _one_of(random, _PAINTS)
    dark = scaled(paint, 0.65)
    thick = random.uniform(0.09, 0.17)
    if random.random() < 0.5:
        tail = random.uniform(0.3, 0.5)
        painting.fill([(-0.9, -tail), (-0.72, -tail), (-0.45, 0), (-0.8, 0)], dark)
        painting.disc((0, 0), (0.92, thick), paint)
        reach = random.uniform(0.25, 0.5)
        painting.fill([(0.2, 0.02), (-0.1, 0.02), (-0.45, reach), (-0.25, reach)], dark)
        painting.line([(-0.5, -thick * 0.3), (0.65, -thick * 0.3)], _BLACK, 0.03)
    else:
        span, sweep = random.uniform(0.6, 0.95), random.uniform(-0.55, 0.0)
        for side in (-1, 1):
            painting.fill([(0.25, 0), (sweep, side * span), (sweep - 0.18, side * span), (-0.15, 0)], dark)
            painting.fill([(-0.6, 0), (-0.8, side * 0.35), (-0.92, side * 0.35), (-0.85, 0)], dark)
        painting.disc((0, 0), (0.92, thick), paint)


def automobile(painting: Painting, random: Random) -> None:
    """A low body with a rounded cabin, windows and two wheels, or the same from the front."""
    paint = near(random, _one_of(random, _PAINTS), 25)
    top, ground = random.uniform(-0.5, -0.25), 0.4
    if random.random() < 0.3:
        painting.fill([(-0.45, top), (0.45, top), (0.6, 0), (-0.6, 0)], paint)
        painting.fill([(-0.38, top + 0.07), (0.38, top + 0.07), (0.5, -0.02), (-0.5, -0.02)], _glass(random))
        painting.box(-0.7, 0, 0.7, ground, paint)
        painting.box(-0.35, 0.12, 0.35, 0.24, _BLACK)
        for side in (-1, 1):
            painting.disc((side * 0.55, 0.15), (0.1, 0.09), (245, 240, 200))
            painting.box(side * 0.55 - 0.1, ground, side * 0.55 + 0.1, ground + 0.2, _BLACK)
        return
    front, back = random.uniform(0.15, 0.4), random.uniform(-0.75, -0.5)
    painting.fill([(back, 0), (back + 0.2, top), (front - 0.2, top), (front + 0.1, 0)], paint)
    painting.fill([(back + 0.12, 0), (back + 0.25, top + 0.08), (front - 0.25, top + 0.08), (front, 0)], _glass(random))
    painting.fill([(-0.9, 0.02), (0.6, -0.02), (0.9, 0.12), (0.92, ground), (-0.92, ground)], paint)
    _wheels(painting, random, (random.uniform(-0.6, -0.5), random.uniform(0.5, 0.6)), ground)


def bird(painting: Painting, random: Random) -> None:
    """An oval body with a round head, beak and tail: on thin legs, or flying with spread wings."""
    plume = near(random, _one_of(random, _PLUMES), 25)
    dark, beak = scaled(plume, 0.7), near(random, (220, 150, 40), 30)
    flying = random.random() < 0.4
    body, head = random.uniform(0.2, 0.34), random.uniform(0.14, 0.2)
    lift = random.uniform(0.1, 0.3)
    if flying:
        reach = random.uniform(0.5, 0.85)
        painting.fill([(0.25, 0), (-0.3, -reach), (-0.55, -reach), (-0.25, 0)], dark)
        painting.fill([(0.2, 0), (-0.1, reach), (-0.35, reach), (-0.25, 0)], dark)
    else:
        for foot in (-0.05, 0.12):
            painting.line([(foot, body), (foot + 0.05, 0.8)], scaled(beak, 0.6), 0.04)
    painting.fill([(-0.4, -0.1), (-0.95, random.uniform(-0.15, 0.35)), (-0.85, 0.3), (-0.3, 0.12)], dark)
    painting.disc((0, 0), (0.52, body), plume)
    painting.fill([(0.45, -lift - 0.08), (0.45 + head + 0.3, -lift + 0.03), (0.45, -lift + 0.1)], beak)
    painting.disc((0.45, -lift), (head, head), plume)
    painting.disc((0.5, -lift - 0.04), (0.035, 0.035), _BLACK)
    if not flying:
        painting.disc((-0.1, 0), (0.33, body * 0.6), dark)


def cat(painting: Painting, random: Random) -> None:
    """A face with pointed ears and whiskers, or a long low body with the tail up."""
    fur = near(random, _one_of(random, _FURS), 20)
    if random.random() < 0.55:
        for side in (-1, 1):
            painting.fill([(side * 0.55, -0.2), (side * random.uniform(0.45, 0.6), -0.85), (side * 0.1, -0.45)], fur)
        _face(painting, random, fur, width=random.uniform(0.52, 0.66), snout=random.uniform(0.14, 0.22))
        if random.random() < 0.6:
            for side in (-1, 1):
                for drop in (0.2, 0.32):
                    painting.line([(side * 0.15, 0.22), (side * 0.75, drop)], (230, 230, 230), 0.02)
        return
    ears = random.uniform(0.16, 0.24)
    body = _Quadruped(random, fur, legs=(0.25, 0.42), neck=(0.1, 0.25), trunk=(0.18, 0.28), head=(0.17, 0.22))
    body.paint(painting, random, snout=random.uniform(0.02, 0.1))
    x, y = body.head
    for step in (-0.1, 0.08):
        painting.fill([(x + step - 0.08, y - 0.1), (x + step, y - 0.14 - ears), (x + step + 0.08, y - 0.1)], fur)
    body.tail(painting, random.uniform(-0.6, 0.0))


def deer(painting: Painting, random: Random) -> None:
    """A slim body on long thin legs with a raised neck, a short tail and often antlers."""
    fur = near(random, (150, 105, 65), 30)
    body = _Quadruped(random, fur, legs=(0.45, 0.65), neck=(0.3, 0.5), trunk=(0.16, 0.25), head=(0.1, 0.14))
    x, y = body.head
    if random.random() < 0.65:
        horn, rise = near(random, (95, 75, 55), 20), random.uniform(0.3, 0.5)
        for lean in (-0.25, 0.12):
            painting.line([(x - 0.03, y), (x + lean, y - rise * 0.6), (x + lean + 0.08, y - rise)], horn, 0.05)
            painting.line([(x + lean, y - rise * 0.6), (x + lean - 0.14, y - rise * 0.9)], horn, 0.04)
    body.paint(painting, random, snout=random.uniform(0.1, 0.18))
    painting.disc((body.rear - 0.04, -0.05), (0.07, 0.09), (235, 230, 220))
    painting.disc((x - 0.1, y - 0.08), (0.11, 0.05), fur)


def dog(painting: Painting, random: Random) -> None:
    """A face with drooping ears and a long snout, or a body on medium legs with a snout and a raised tail."""
    fur = near(random, _one_of(random, _FURS), 20)
    ear = scaled(fur, random.uniform(0.55, 0.9))
    if random.random() < 0.5:
        _face(painting, random, fur, width=random.uniform(0.46, 0.6), snout=random.uniform(0.22, 0.32))
        for side in (-1, 1):
            hang = random.uniform(0.1, 0.5)
            painting.fill([(side * 0.3, -0.5), (side * 0.55, -0.42), (side * 0.72, hang), (side * 0.48, hang)], ear)
        return
    body = _Quadruped(random, fur, legs=(0.35, 0.52), neck=(0.15, 0.35), trunk=(0.18, 0.3), head=(0.16, 0.21))
    body.paint(painting, random, snout=random.uniform(0.12, 0.22))
    x, y = body.head
    painting.disc((x - 0.1, y + 0.03), (0.08, random.uniform(0.12, 0.2)), ear)
    body.tail(painting, random.uniform(-0.5, 0.1))


def frog(painting: Painting, random: Random) -> None:
    """A squat body with bulging eyes, folded hind legs and a wide mouth."""
    skin = near(random, _one_of(random, _SKINS), 25)
    dark = scaled(skin, 0.7)
    width, height = random.uniform(0.5, 0.7), random.uniform(0.3, 0.45)
    for side in (-1, 1):
        painting.disc((side * width * 0.85, 0.3), (0.32, random.uniform(0.16, 0.26)), dark)
        painting.line([(side * width * 0.5, 0.25), (side * width * 0.6, 0.62)], dark, 0.12)
    painting.disc((0, 0.1), (width, height), skin)
    head = random.uniform(-0.3, 0.3)
    painting.disc((head, -0.12), (width * 0.72, height * 0.75), skin)
    for side in (-1, 1):
        eye = (head + side * width * 0.42, -0.12 - height * 0.65)
        painting.disc(eye, (0.15, 0.15), skin)
        painting.disc(eye, (0.09, 0.09), _BLACK)
    painting.line([(head - width * 0.5, 0.02), (head, 0.12), (head + width * 0.5, 0.02)], dark, 0.04)
    for _ in range(random.integers(0, 5)):
        spot = (random.uniform(-0.35, 0.35), random.uniform(0.0, 0.35))
        painting.disc(spot, (0.07, 0.06), dark)


def horse(painting: Painting, random: Random) -> None:
    """A heavy body on long legs with a thick neck, a mane and a hanging tail."""
    fur = near(random, _one_of(random, _FURS), 20)
    mane = scaled(fur, random.uniform(0.4, 0.75))
    body = _Quadruped(random, fur, legs=(0.42, 0.6), neck=(0.28, 0.5), trunk=(0.22, 0.31), head=(0.12, 0.16))
    body.paint(painting, random, snout=random.uniform(0.18, 0.28))
    x, y = body.head
    painting.line([(x - 0.08, y - 0.08), (body.front - 0.18, -0.12)], mane, random.uniform(0.08, 0.16))
    painting.fill([(x - 0.1, y - 0.08), (x - 0.04, y - 0.25), (x + 0.02, y - 0.08)], fur)
    rear = body.rear
    painting.line([(rear, -0.1), (rear - 0.14, 0.05), (rear - 0.14, random.uniform(0.3, 0.6))], mane, 0.1)


def ship(painting: Painting, random: Random) -> None:
    """A hull with a superstructure and a funnel, or with a mast and sails."""
    paint = near(random, _one_of(random, _PAINTS), 25)
    light = near(random, (225, 225, 220), 25)
    deck, keel = random.uniform(0.0, 0.2), random.uniform(0.4, 0.55)
    if random.random() < 0.35:
        mast, lean = random.uniform(-0.1, 0.15), random.uniform(0.35, 0.6)
        painting.line([(mast, deck), (mast, -0.9)], scaled(light, 0.5), 0.05)
        painting.fill([(mast - 0.04, -0.85), (mast - 0.04, deck - 0.08), (mast - lean, deck - 0.08)], light)
        painting.fill([(mast + 0.04, -0.75), (mast + 0.04, deck - 0.08), (mast + lean, deck - 0.08)], light)
    else:
        back, roof = random.uniform(-0.7, -0.3), random.uniform(-0.35, -0.1)
        length = random.uniform(0.4, 0.9)
        painting.box(back, roof, back + length, deck, light)
        painting.line([(back + 0.08, roof + 0.12), (back + length - 0.08, roof + 0.12)], _BLACK, 0.06)
        funnel = back + length * random.uniform(0.25, 0.6)
        painting.box(funnel, roof - random.uniform(0.15, 0.4), funnel + 0.16, roof, _one_of(random, _PAINTS))
    painting.fill([(-0.9, deck), (0.95, deck - random.uniform(0, 0.12)), (0.7, keel), (-0.75, keel)], paint)
    painting.line([(-0.8, keel - 0.04), (0.72, keel - 0.04)], scaled(paint, 0.5), 0.08)


def truck(painting: Painting, random: Random) -> None:
    """A cabin in front of a tall box, a tank or a low bed, on two or three wheels; or the same from the front."""
    paint, load = near(random, _one_of(random, _PAINTS), 25), near(random, _one_of(random, _PAINTS), 25)
    top, ground = random.uniform(-0.65, -0.4), 0.45
    if random.random() < 0.25:
        painting.box(-0.52, top, 0.52, ground, paint)
        painting.box(-0.44, top + 0.1, 0.44, top + 0.42, _glass(random))
        painting.box(-0.36, 0.08, 0.36, 0.28, _BLACK)
        for side in (-1, 1):
            painting.disc((side * 0.42, 0.34), (0.08, 0.08), (245, 240, 200))
            painting.box(side * 0.4 - 0.11, ground, side * 0.4 + 0.11, ground + 0.22, _BLACK)
        return
    joint, roof = random.uniform(0.2, 0.4), random.uniform(-0.4, -0.2)
    kind = random.random()
    if kind < 0.6:
        painting.box(-0.95, top, joint - 0.04, ground - 0.08, load)
    elif kind < 0.8:
        painting.disc((joint / 2 - 0.5, -0.05), (0.48 + joint / 2, 0.32), load)
    else:
        painting.box(-0.95, 0.05, joint, ground - 0.08, load)
    nose = random.uniform(0.65, 0.95)
    painting.fill(
        [(joint, roof), (nose - 0.15, roof), (nose, 0.05), (0.95, 0.1), (0.95, ground), (joint, ground)], paint
    )
    painting.fill([(joint + 0.1, roof + 0.08), (nose - 0.18, roof + 0.08), (nose - 0.06, 0), (joint + 0.1, 0)], _GLASS)
    painting.box(-0.95, ground - 0.1, 0.95, ground, scaled(paint, 0.4))
    places = (-0.7, 0.62) if random.random() < 0.5 else (-0.75, -0.4, 0.62)
    _wheels(painting, random, places, ground)


class _Quadruped:
    """The legs, trunk, neck and head of four-legged animals from the side, with random proportions."""

    def __init__(
        self,
        random: Random,
        fur: Colour,
        *,
        legs: tuple[float, float],
        neck: tuple[float, float],
        trunk: tuple[float, float],
        head: tuple[float, float],
    ) -> None:
        self._fur = fur
        self._legs = random.uniform(*legs)
        self._depth = random.uniform(*trunk)
        self._size = random.uniform(*head)
        self.front = random.uniform(0.38, 0.52)
        self.rear = -random.uniform(0.48, 0.62)
        # A grazing or sniffing animal holds its head low.
        rise = random.uniform(*neck) if random.random() < 0.8 else -random.uniform(0.0, 0.25)
        self.head = (self.front + random.uniform(0.12, 0.28), -0.08 - rise)

    def paint(self, painting: Painting, random: Random, snout: float) -> None:
        """Paint everything except ears and tail; ``snout`` is how far the muzzle extends beyond the head."""
        dark = scaled(self._fur, 0.75)
        foot = self._depth * 0.6 + self._legs
        width = random.uniform(0.08, 0.13)
        for place, colour in ((self.rear + 0.16, dark), (self.front - 0.14, dark)):
            painting.line([(place, 0.1), (place + random.uniform(-0.15, 0.15), foot)], colour, width)
        for place in (self.rear + 0.05, self.front - 0.03):
            painting.line([(place, 0.1), (place + random.uniform(-0.15, 0.15), foot)], self._fur, width)
        middle, half = (self.front + self.rear) / 2, (self.front - self.rear) / 2
        painting.disc((middle, 0), (half + 0.08, self._depth), self._fur)
        x, y = self.head
        painting.line([(self.front - 0.1, -0.02), (x, y)], self._fur, 0.6 * self._depth + 0.12)
        painting.disc((x, y), (self._size, self._size), self._fur)
        painting.disc((x + self._size * 0.6 + snout / 2, y + 0.06), (0.08 + snout / 2, self._size * 0.55), dark)
        painting.disc((x + 0.04, y - 0.03), (0.03, 0.03), _BLACK)

    def tail(self, painting: Painting, height: float) -> None:
        """Paint a tail whose tip is at ``height``."""
        rear = self.rear
        painting.line([(rear + 0.02, -0.05), (rear - 0.2, -0.1), (rear - 0.3, height)], self._fur, 0.09)


def _face(painting: Painting, random: Random, fur: Colour, *, width: float, snout: float) -> None:
    """Paint a head from the front: eyes, a lighter snout and a nose."""
    painting.disc((0, 0), (width, random.uniform(0.48, 0.62)), fur)
    iris = _one_of(random, ((200, 180, 60), (90, 140, 90), (70, 45, 30)))
    for side in (-1, 1):
        painting.disc((side * 0.26, -0.1), (0.11, 0.09), iris)
        painting.disc((side * 0.26, -0.1), (0.06, 0.08), _BLACK)
    painting.disc((0, 0.2 + snout / 2), (snout + 0.06, snout), scaled(fur, 1.35))
    painting.disc((0, 0.12 + snout / 3), (0.03 + snout / 3, 0.02 + snout / 4), _BLACK)


def _wheels(painting: Painting, random: Random, places: Sequence[float], ground: float) -> None:
    radius = random.uniform(0.15, 0.22)
    for place in places:
        painting.disc((place, ground), (radius, radius), _BLACK)
        painting.disc((place, ground), (radius * 0.45, radius * 0.45), (150, 150, 155))


def _glass(random: Random) -> Colour:
    return near(random, _GLASS, 30) if random.random() < 0.6 else (45, 50, 60)


def _one_of(random: Random, colours: Sequence[Colour]) -> Colour:
    return colours[int(random.integers(len(colours)))]
