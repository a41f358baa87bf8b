"""Figures of handwritten letters: single ones with titles, and words with what models read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.drawing.picture_grids import bare, enlarged
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, TEXT_WIDTH, plot_style

PAPER = "gray_r"  # ink is dark on white paper


@dataclass(frozen=True)
class Reading:
    """What a model reads in a word, letter by letter, beside the word itself; the two strings have equal length."""

    model: str
    text: str
    right: bool


@dataclass(frozen=True)
class ReadWord:
    """A test word: its pictures (float, L x H x W, from 0 for paper to 1 for ink), its letters, and the readings."""

    pictures: NDArray[np.float64]
    truth: str
    readings: tuple[Reading, ...]


def letter_row(pictures: Sequence[NDArray[np.float64]], titles: Sequence[str]) -> Figure:
    """Return letters (float, H x W, from 0 for paper to 1 for ink) side by side, each under its title."""
    with plot_style():
        figure = Figure(figsize=(TEXT_WIDTH, 2.1))
        for axes, picture, title in zip(figure.subplots(1, len(pictures)), pictures, titles, strict=True):
            axes.imshow(enlarged(picture, 16), cmap=PAPER, vmin=0, vmax=1, interpolation="none")
            axes.set_title(title, fontsize=8, loc="center")
            axes.set_xticks([])
            axes.set_yticks([])
            bare(axes)
    return figure


def word_rows(words: Sequence[ReadWord]) -> Figure:
    """Return words as pictures, each beside what the models read; wrong letters are in brackets and coloured."""
    models = [reading.model for reading in words[0].readings]
    longest = max(len(word.truth) for word in words)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 0.62 * len(words) + 0.35))
        all_axes = figure.subplots(len(words), 2, squeeze=False, width_ratios=(1.7, 3.6))
        for (left, right), word in zip(all_axes, words, strict=True):
            _draw_word(left, word, longest)
            _draw_readings(right, word)
        for position, name in enumerate(["written", *models]):
            all_axes[0][1].text(_column(position, len(models)), 1.08, name, fontsize=7.5, color=INK, va="bottom")
    return figure


def _draw_word(axes: Axes, word: ReadWord, longest: int) -> None:
    strip = np.concatenate([np.pad(picture, ((1, 1), (1, 1))) for picture in word.pictures], axis=1)
    width = longest * (word.pictures.shape[2] + 2)
    strip = np.pad(strip, ((0, 0), (0, width - strip.shape[1])))
    axes.imshow(enlarged(strip, 6), cmap=PAPER, vmin=0, vmax=1, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_anchor("W")
    bare(axes)


def _draw_readings(axes: Axes, word: ReadWord) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    count = len(word.readings)
    axes.text(_column(0, count), 0.5, word.truth, fontsize=7.5, va="center", color=INK)
    for position, reading in enumerate(word.readings, start=1):
        colour = INK if reading.right else COLOURS[1]
        axes.text(
            _column(position, count), 0.5, marked(reading.text, word.truth), fontsize=8, va="center", color=colour
        )


def _column(position: int, models: int) -> float:
    return position / (models + 1)


def marked(text: str, truth: str) -> str:
    """Return what was read with each run of wrong letters in brackets, as in ``br[o]ces``."""
    parts: list[str] = []
    wrong_before = False
    for read, right in zip(text, truth, strict=True):
        wrong = read != right
        if wrong != wrong_before:
            parts.append("[" if wrong else "]")
        parts.append(read)
        wrong_before = wrong
    return "".join(parts) + ("]" if wrong_before else "")
