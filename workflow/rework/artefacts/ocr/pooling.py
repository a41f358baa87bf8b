"""How max pooling responds to shifts and rotations (question 1.1), computed on real letters without training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.picture_grids import bare, enlarged
from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, plot_style
from rework.settings.ranges import Angle, Range, Side

Maps = NDArray[np.float64]
GLYPH = "5"
TOLERANCE = 1e-9  # values that differ by less count as equal


@dataclass(frozen=True)
class Shift:
    """Shares of the active values (nonzero before or after) that a shift by one pixel changes, per letter.

    Each array has shape (N,), with NaN where a letter has no active value.
    """

    detector: NDArray[np.float64]
    neighbours: NDArray[np.float64]
    blocks: NDArray[np.float64]


@needs(datasets="ocr-letters")
def max_pool_shift(context: ArtefactContext, *, kernel: Annotated[int, Range(least=2, most=64)], pool: Side) -> Built:
    """Return the detector and pooling values of the test letters before and after a shift to the right by one pixel.

    ``kernel`` is the size of the detector and ``pool`` the width of the pooling over neighbours.
    """
    dataset = context.dataset(context.settings.datasets[0])
    size, width = kernel, pool
    letters = np.asarray(dataset.splits["test"].inputs)[:, 0] / 255
    # Room for the shift, so that no ink leaves the picture.
    letters = np.pad(letters, ((0, 0), (0, 0), (1, 2)))
    before = detect(letters, stroke_detector(size))
    after = detect(shifted(letters), stroke_detector(size))
    stages = {
        "detector": (before, after),
        "neighbours": (pool_neighbours(before, width), pool_neighbours(after, width)),
        "blocks": (pool_blocks(before), pool_blocks(after)),
    }
    shift = Shift(**{name: changed_share(*pair) for name, pair in stages.items()})
    names = {
        "detector": "detector stage",
        "neighbours": f"max of {width} neighbours, stride 1",
        "blocks": "max of 2 × 2, stride 2",
    }
    shares = {name: float(np.nanmean(getattr(shift, name))) for name in names}
    silent = int(np.isnan(shift.detector).sum())
    example = _example(before)
    return Built(
        caption=(
            f"Left: the row of test letter {example[0]} with the strongest answer of a detector of vertical strokes "
            f"({size} × {size} weights, then ReLU), before and after the letter moves right by one pixel, and the "
            f"greatest of {width} neighbours of each value. Right: the share of active values (not zero before or "
            f"after) that change, for each of {len(letters) - silent} test letters"
            + (f"; {silent} have no active value" if silent else "")
            + f". On average {100 * shares['detector']:.0f} % of the detector values change, "
            f"{100 * shares['neighbours']:.0f} % of the pooled neighbours, and {100 * shares['blocks']:.0f} % with the "
            "2 × 2 pooling that the networks below use."
        ),
        alt=(
            "Four rows of numbers, detector and pooling stage before and after a shift, and histograms of the share "
            "of values that change"
        ),
        data=pd.DataFrame(vars(shift)).rename_axis("letter").reset_index(),
        figure=_shift_figure(shift, names, before, after, width, example),
        facts={"shares": shares, "letters": len(letters), "silent": silent},
    )


def stroke_detector(size: int) -> Maps:
    """Return weights (size, size) that respond to a dark vertical stroke with paper on both sides; they sum to zero."""
    columns = -np.ones(size) / (size - 1)
    columns[size // 2] = 1.0
    return np.tile(columns / size, (size, 1))


def detect(pictures: Maps, kernel: Maps) -> Maps:
    """Return max(0, correlation) of pictures (N, H, W) with a kernel, zero-padded, as (N, H, W)."""
    found: Maps = np.maximum(ndimage.correlate(pictures, kernel[None], mode="constant"), 0)
    return found


def shifted(pictures: Maps) -> Maps:
    """Return pictures (N, H, W) moved right by one pixel, with zeros filled in on the left."""
    moved = np.zeros_like(pictures)
    moved[:, :, 1:] = pictures[:, :, :-1]
    return moved


def pool_neighbours(maps: Maps, width: int) -> Maps:
    """Return the greatest of ``width`` neighbours in a row around each value of maps (N, H, W)."""
    pooled: Maps = ndimage.maximum_filter1d(maps, width, axis=2, mode="constant")
    return pooled


def pool_blocks(maps: Maps) -> Maps:
    """Return the greatest value of each 2 x 2 block of maps (N, H, W); an odd last row or column is dropped."""
    count, height, width = maps.shape[0], maps.shape[1] // 2, maps.shape[2] // 2
    blocks = maps[:, : 2 * height, : 2 * width].reshape(count, height, 2, width, 2)
    pooled: Maps = blocks.max(axis=(2, 4))
    return pooled


def changed_share(before: Maps, after: Maps) -> NDArray[np.float64]:
    """Return for each of N pairs of maps the share of active values that differ; NaN where none is active."""
    active = (before > TOLERANCE) | (after > TOLERANCE)
    changed = np.abs(before - after) > TOLERANCE
    counts = active.sum(axis=(1, 2)).astype(float)
    counts[counts == 0] = np.nan
    shares: NDArray[np.float64] = (changed & active).sum(axis=(1, 2)) / counts
    return shares


def _example(maps: Maps) -> tuple[int, int]:
    """Return the letter and row of the strongest response among the first 200 letters."""
    letter, row, _ = np.unravel_index(int(maps[:200].argmax()), maps[:200].shape)
    return int(letter), int(row)


def _shift_figure(
    shift: Shift, names: dict[str, str], before: Maps, after: Maps, width: int, example: tuple[int, int]
) -> Figure:
    letter, row = example
    rows = [
        ("detector", before[letter, row]),
        ("detector, shifted", after[letter, row]),
        ("pooled", pool_neighbours(before[letter : letter + 1], width)[0, row]),
        ("pooled, shifted", pool_neighbours(after[letter : letter + 1], width)[0, row]),
    ]
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.6))
        left, right = figure.subplots(1, 2, width_ratios=(3, 2.4))
        values = np.stack([row_values for _, row_values in rows])
        left.imshow(enlarged(values, 16), cmap="Blues", vmin=0, vmax=1, extent=(0, values.shape[1], 4, 0), aspect=1.6)
        for place, value in np.ndenumerate(values):
            colour = "white" if value > 0.55 else "black"
            left.text(
                place[1] + 0.5, place[0] + 0.5, f"{value:.1f}", ha="center", va="center", fontsize=6, color=colour
            )
        left.set_yticks(np.arange(4) + 0.5, [name for name, _ in rows])
        left.set_xticks([])
        left.set_xlabel("position in the row")
        bare(left)
        bins = np.linspace(0, 1, 21)
        for position, (name, label) in enumerate(names.items()):
            share = getattr(shift, name)
            colour = COLOURS[position]
            right.hist(share[~np.isnan(share)], bins=bins, histtype="step", label=label, color=colour, linewidth=1.4)
        right.set_xlabel("share of active values that change")
        right.set_ylabel("test letters")
        right.xaxis.set_major_formatter(PercentFormatter(1))
        right.legend(fontsize=7, loc="upper left")
        right.set_ylim(top=right.get_ylim()[1] * 1.35)
    return figure


def max_pool_rotation(
    context: ArtefactContext, *, size: Annotated[int, Range(least=8, most=512)], angles: tuple[Angle, Angle, Angle]
) -> Built:
    """Return three rotated templates of one glyph, their responses to rotated inputs, and the greatest response.

    ``size`` is the side of the pictures in pixels and ``angles`` the templates' angles in degrees.
    """
    del context  # nothing is read
    template_angles = [float(angle) for angle in angles]
    input_angles = np.arange(-60.0, 60.1, 2.5)
    glyph = draw_glyph(size)
    templates = np.stack([rotated(glyph, angle) for angle in template_angles])
    inputs = np.stack([rotated(glyph, angle) for angle in input_angles])
    answers = cosine_similarity(templates, inputs)
    pooled = answers.max(axis=0)
    single = answers.min(axis=1)
    facts = {"pooled_lowest": float(pooled.min()), "single_lowest": float(single.max())}
    spoken = ", ".join(f"{angle:g}°" for angle in template_angles)
    return Built(
        caption=(
            f"Three filters for a {GLYPH} turned by {spoken}, and their answers (cosine of filter and picture, both "
            f"with their mean taken away) to the same {GLYPH} turned by any angle between {input_angles[0]:g}° and "
            f"{input_angles[-1]:g}°. The pooled answer, the greatest of the three, never falls below "
            f"{pooled.min():.2f}; each filter alone falls to {single.max():.2f} or less."
        ),
        alt="Three pictures of a turned five and curves of their answers over the angle, with the pooled answer on top",
        data=pd.DataFrame(
            {
                "angle": input_angles,
                **{f"filter {angle:g}": answer for angle, answer in zip(template_angles, answers, strict=True)},
                "pooled": pooled,
            }
        ),
        figure=_rotation_figure(templates, template_angles, input_angles, answers, pooled),
        facts=facts,
    )


def draw_glyph(size: int) -> Maps:
    """Return the glyph (size, size), from 0 (paper) to 1 (ink), upright and centred."""
    font = ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", round(0.75 * size))
    canvas = Image.new("L", (size, size))
    ImageDraw.Draw(canvas).text((size / 2, size / 2), GLYPH, fill=255, font=font, anchor="mm")
    return np.asarray(canvas) / 255


def rotated(picture: Maps, degrees: float) -> Maps:
    """Return a picture rotated counter-clockwise about its centre, at the same size."""
    turned: Maps = ndimage.rotate(picture, degrees, reshape=False, order=1)
    return turned


def cosine_similarity(templates: Maps, pictures: Maps) -> Maps:
    """Return the cosine of each template (T, H, W) with each picture (N, H, W), means subtracted, as (T, N)."""
    left, right = (maps.reshape(len(maps), -1) for maps in (templates, pictures))
    left, right = (flat - flat.mean(axis=1, keepdims=True) for flat in (left, right))
    left, right = (flat / np.linalg.norm(flat, axis=1, keepdims=True) for flat in (left, right))
    similarity: Maps = left @ right.T
    return similarity


def _rotation_figure(
    templates: Maps, angles: list[float], input_angles: NDArray[np.float64], answers: Maps, pooled: Maps
) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.6))
        grid = figure.add_gridspec(len(angles), 2, width_ratios=(1, 5))
        for position, (template, angle) in enumerate(zip(templates, angles, strict=True)):
            axes = figure.add_subplot(grid[position, 0])
            axes.imshow(enlarged(template, 8), cmap="gray_r", vmin=0, vmax=1, interpolation="none")
            axes.set_title(f"filter {angle:g}°", fontsize=7.5, loc="center", color=COLOURS[position], pad=2)
            axes.set_xticks([])
            axes.set_yticks([])
            bare(axes)
        plot = figure.add_subplot(grid[:, 1])
        plot.plot(input_angles, pooled, color="#9aa3ad", linewidth=5, alpha=0.6, label="pooled: the greatest")
        for position, (answer, angle) in enumerate(zip(answers, angles, strict=True)):
            plot.plot(
                input_angles, answer, color=COLOURS[position], linestyle=LINES[position], label=f"filter {angle:g}°"
            )
        plot.set_xlabel("angle of the input (degrees)")
        plot.set_ylabel("answer (cosine)")
        plot.set_ylim(top=1.3)
        plot.legend(fontsize=7.5, ncols=2, loc="upper center")
    return figure
