"""The embedded sample of OCR letters: words of a made-up vocabulary, drawn letter by letter, in the official format.

Every word is drawn with one typeface, slant and stroke width; every letter then gets its own size, shift and specks of
noise, strong enough that some letters cannot be read without their neighbours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from rework.formats.letter_lines import FOLDS, HEIGHT, WIDTH, LetterLines, write_letter_lines
from rework.samples.typefaces import SERIF_AND_MATHEMATICAL, typeface

FILE = "letter.data.gz"
WORDS = 1000
TYPEFACES = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSansMono.ttf",
    *SERIF_AND_MATHEMATICAL,
)
# Long and short words with every letter of the alphabet, and few enough that a small training set shows each often.
VOCABULARY = (
    "analysis apple banana before bridge brilliant candle carpet castle chapter clever coffee copper cousin danger "
    "desert dinner double driver eager elephant engine evening example fabric family farmer figure flower forest "
    "friday garden gentle glass gravity guitar hammer harbour hollow honest hunger imagine island jacket january "
    "jigsaw jungle kettle kitchen ladder language laughter letter liquid little lizard machine market marble meadow "
    "mixture morning mountain narrow neighbour notebook oxygen orange paper pencil picture planet pocket puzzle "
    "quarter question quick rabbit reading remember ribbon river rocket saddle school shadow silver square station "
    "summer thunder ticket travel turtle umbrella unique valley velvet village violin voyage walnut water whisper "
    "window winter wizard xenon yellow yesterday young zebra zigzag"
).split()
_SCALE = 4  # letters are drawn this much larger, then shrunk


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write ``letter.data.gz`` with ``options["words"]`` words (default 1000) into the folder ``raw``.

    Word i lies in fold i modulo 10, as the official file has ten folds of about equal size.
    """
    generator = np.random.default_rng(seed)
    count = int(options.get("words", WORDS))
    words = [VOCABULARY[index] for index in generator.integers(len(VOCABULARY), size=count)]
    drawn = [draw_word(word, generator) for word in words]
    lengths = [len(word) for word in words]
    lines = LetterLines(
        images=np.concatenate(drawn),
        letters=np.array([ord(letter) - ord("a") for word in words for letter in word], dtype=np.int64),
        folds=np.repeat(np.arange(count) % FOLDS, lengths),
        offsets=np.append(0, np.cumsum(lengths)),
    )
    write_letter_lines(raw / FILE, lines)


def draw_word(word: str, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Return the letters of a word as binary pictures, uint8 L x 16 x 8."""
    face = TYPEFACES[generator.integers(len(TYPEFACES))]
    slant = generator.uniform(-0.15, 0.35)
    threshold = generator.uniform(60, 130)  # the lower, the thicker the strokes
    noise = generator.uniform(0.02, 0.10)
    letters = np.stack([_draw_letter(letter, face, slant, generator) for letter in word]) > threshold
    specks = generator.random(letters.shape) < noise
    result: NDArray[np.uint8] = (letters ^ specks).astype(np.uint8)
    return result


def _draw_letter(letter: str, face: str, slant: float, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Return one letter in grey, 0 to 255, 16 x 8."""
    width, height = WIDTH * _SCALE, HEIGHT * _SCALE
    canvas = Image.new("L", (2 * width, 2 * height))
    draw = ImageDraw.Draw(canvas)
    draw.text((width, height), letter, fill=255, font=typeface(face, height), anchor="mm")
    slanted = canvas.transform(canvas.size, Image.Transform.AFFINE, (1, slant, -slant * height, 0, 1, 0))
    box = slanted.getbbox()
    assert box is not None, "every letter has ink"
    shrink = generator.uniform(0.8, 1.0, size=2)
    fitted = slanted.crop(box).resize((max(2, int(width * shrink[0])), max(2, int(height * shrink[1]))))
    picture = Image.new("L", (width, height))
    room = (width - fitted.width, height - fitted.height)
    picture.paste(fitted, tuple(int(generator.integers(space + 1)) for space in room))  # type: ignore[arg-type]
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.BOX))
