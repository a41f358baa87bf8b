"""The embedded sample of reviews of films: texts from a small grammar, in the place and form of the official ones.

A review has opinions and neutral sentences. Most of its opinions agree with its rating; some are a negated opposite
("not dull"), so that single words mislead and their order matters.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.options import positive_count
from rework.datasets.reviews import FILE
from rework.errors import ConfigError
from rework.formats.review_archive import Review, write_reviews

PRAISE = "wonderful brilliant funny moving clever superb charming gripping beautiful perfect".split()
BLAME = "awful dull boring silly clumsy terrible lifeless tedious ugly pointless".split()
THINGS = "story plot acting music dialogue ending cast script camera humour pace direction".split()
OPINIONS = (
    "The {thing} is {adjective}.",
    "I found the {thing} {adjective}, and my friends did too.",
    "What a {adjective} film!",
    "It's simply {adjective} from start to end.",
    "A truly {adjective} {thing}...",
)
DENIALS = (
    "The {thing} is not {adjective}.",
    "There is nothing {adjective} in the {thing}.",
    "Nobody could call this {thing} {adjective}!",
)
NEUTRAL = (
    "We saw it on a {day} at 8:30.",
    "It was made in {year} and runs for {minutes} minutes.",
    "The {thing} was by someone from Ohio.",
    "My cousin (who is {age}) came with us.",
    "They talk about a house, a dog and a train.",
    "This is the second part of a series.",
)
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
BREAK = "<br /><br />"
AGREEING, DENIED, NEUTRAL_SHARE, BREAKING = 0.85, 0.25, 0.3, 0.15


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the archive into ``raw``. The same seed and options give the same bytes.

    Args:
        raw: folder for the file.
        seed: seed of all random numbers.
        options: ``reviews``, their number, half of them positive.

    Raises:
        ConfigError: the number is missing, odd or not positive.
    """
    where = "the sample of the reviews"
    count = positive_count(options, "reviews", where)
    if count % 2:
        raise ConfigError(f"{where}: option reviews is {count}, expected an even number")
    write_reviews(raw / FILE, draw_reviews(count, np.random.default_rng(seed)))


def draw_reviews(count: int, random: np.random.Generator) -> list[Review]:
    """Return reviews, positive and negative in turn, whose names carry ratings as the official ones do."""
    reviews = []
    for number in range(count):
        positive = number % 2 == 0
        rating = int(random.integers(7, 11) if positive else random.integers(1, 5))
        reviews.append(Review(f"{number // 2}_{rating}.txt", positive, draw_review(positive, random)))
    return reviews


def draw_review(positive: bool, random: np.random.Generator) -> str:
    """Return the text of a review with two to twelve sentences."""
    sentences: list[str] = []
    opinions = 1 + int(random.integers(1, 8))
    for place in range(opinions):
        if random.random() < NEUTRAL_SHARE:
            sentences.append(_filled(NEUTRAL, "", random))
        # The first opinion always agrees, so that a short review says what its rating says.
        good = positive if not place or random.random() < AGREEING else not positive
        denied = random.random() < DENIED
        adjective = str(random.choice(PRAISE if good != denied else BLAME))
        sentences.append(_filled(DENIALS if denied else OPINIONS, adjective, random))
    joints = [BREAK if random.random() < BREAKING else " " for _ in sentences]
    return "".join(f"{joint}{sentence}" for joint, sentence in zip(joints, sentences, strict=True)).strip()


def _filled(forms: tuple[str, ...], adjective: str, random: np.random.Generator) -> str:
    return str(random.choice(forms)).format(
        adjective=adjective,
        thing=random.choice(THINGS),
        day=random.choice(DAYS),
        year=int(random.integers(1940, 2006)),
        minutes=int(random.integers(80, 160)),
        age=int(random.integers(9, 90)),
    )
