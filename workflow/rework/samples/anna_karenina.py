"""The embedded sample in place of Anna Karenina: a text from a small grammar of visits, letters and journeys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.anna_karenina import FILE
from rework.datasets.options import positive_count
from rework.files import write_text

NAMES = "Marya Pavel Sonya Nikita Olga Boris Vera Fedor Lidia Grigory".split()
PLACES = ("the station", "the garden", "her aunt's house", "the theatre", "the village", "the old church")
THINGS = ("a letter", "the carriage", "a black horse", "the newspaper", "some tea", "her brother's coat")
MOODS = "quietly sadly gladly slowly suddenly kindly".split()
SENTENCES = (
    "{name} went to {place} and asked for {thing}.",
    "{name} looked {mood} at {other}, but said nothing.",
    "In the evening {name} and {other} came back from {place}.",
    '"Have you seen {thing}?" {name} asked {mood}.',
    '"No," answered {other}, "it was left at {place}."',
    "{other} thought of {thing}; {name} thought of {place}.",
    "It was {hour} o'clock, and {thing} had not come.",
    "How {mood} they had all spoken of {place}!",
)
CHAPTER = 12  # paragraphs
SENTENCES_OF_A_PARAGRAPH = (2, 7)


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the text into ``raw``. The same seed and options give the same bytes.

    Args:
        raw: folder for the file.
        seed: seed of all random numbers.
        options: ``paragraphs``, how many there are.

    Raises:
        ConfigError: the number is missing or not positive.
    """
    count = positive_count(options, "paragraphs", "the sample of Anna Karenina")
    write_text(raw / FILE, draw_text(count, np.random.default_rng(seed)))


def draw_text(paragraphs: int, random: np.random.Generator) -> str:
    """Return chapters of paragraphs, with blank lines between them as in the novel's file."""
    parts = []
    for number in range(paragraphs):
        if number % CHAPTER == 0:
            parts.append(f"Chapter {number // CHAPTER + 1}\n")
        count = int(random.integers(*SENTENCES_OF_A_PARAGRAPH))
        parts.append(" ".join(_sentence(random) for _ in range(count)))
    return "\n\n".join(parts) + "\n"


def _sentence(random: np.random.Generator) -> str:
    name, other = random.choice(NAMES, 2, replace=False)
    return str(random.choice(SENTENCES)).format(
        name=name,
        other=other,
        place=random.choice(PLACES),
        thing=random.choice(THINGS),
        mood=random.choice(MOODS),
        hour=random.choice(["six", "seven", "nine", "ten"]),
    )
