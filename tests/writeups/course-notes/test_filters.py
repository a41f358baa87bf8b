"""The filters and poolings of course-notes, against plain loops and torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from fabricated import Artefacts
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rework.artefacts.course_notes.filters import outermost, shift_change
from rework.artefacts.course_notes.image_filters import KERNELS, filtered, pooled, responses, to_grey
from rework.formats.photographs import open_photograph

WRITEUP = "course-notes"
PICTURES = arrays(np.uint8, st.tuples(st.integers(3, 9), st.integers(3, 9)))


def plain_loop(picture, kernel, border):
    """Return the weighted sums around each pixel, one by one."""
    height, width = picture.shape
    cut = int(border == "cropped")
    rows = []
    for row in range(cut, height - cut):
        line = []
        for column in range(cut, width - cut):
            total = 0.0
            for down in (-1, 0, 1):
                for across in (-1, 0, 1):
                    place = row + down, column + across
                    total += kernel[down + 1, across + 1] * level(picture, place, border)
            line.append(total)
        rows.append(line)
    return np.array(rows)


def level(picture, place, border):
    if border == "mirrored":
        place = tuple(
            -where if where < 0 else 2 * side - 2 - where if where >= side else where
            for where, side in zip(place, picture.shape, strict=True)
        )
    if border == "extended":
        place = tuple(min(max(where, 0), side - 1) for where, side in zip(place, picture.shape, strict=True))
    if not all(0 <= where < side for where, side in zip(place, picture.shape, strict=True)):
        return 0.0
    return float(picture[place])


@settings(max_examples=25, deadline=None)
@given(
    picture=PICTURES,
    name=st.sampled_from(list(KERNELS)),
    border=st.sampled_from(["mirrored", "zeros", "extended", "cropped"]),
)
def test_filters_are_those_of_a_plain_loop(picture, name, border):
    expected = plain_loop(picture, KERNELS[name], border)
    np.testing.assert_allclose(responses(picture, KERNELS[name], border), expected, atol=1e-9)
    found = filtered(picture, KERNELS[name], border)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.rint(expected).clip(0, 255))


def test_the_kernel_is_not_turned_around():
    picture = np.zeros((5, 5), np.uint8)
    picture[2, 2] = 1
    np.testing.assert_array_equal(
        responses(picture, KERNELS["emboss"], "zeros")[1:4, 1:4], KERNELS["emboss"][::-1, ::-1]
    )
    rising = np.tile(np.arange(5, dtype=np.uint8)[:, None], 5)
    assert responses(rising, KERNELS["sobel-y"])[2, 2] == 8, "brighter below is positive"


def test_edge_filters_sum_to_zero_and_the_others_to_one():
    edges = {"high-pass", "sobel-x", "sobel-y", "outline"}
    assert {name: kernel.sum() for name, kernel in KERNELS.items()} == {
        name: float(name not in edges) for name in KERNELS
    }


@settings(max_examples=25, deadline=None)
@given(picture=PICTURES)
def test_pooling_is_that_of_torch(picture):
    tensor = torch.from_numpy(picture.astype(np.float64))[None, None]
    np.testing.assert_array_equal(pooled(picture, "max"), F.max_pool2d(tensor, 2)[0, 0].numpy())
    np.testing.assert_allclose(pooled(picture, "average"), F.avg_pool2d(tensor, 2)[0, 0].numpy())


@given(colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_grey_is_the_rounded_weighted_mean(colour):
    grey = int(to_grey(np.array([[colour]], np.uint8))[0, 0])
    exact = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    assert abs(grey - exact) < 0.51


def test_the_outermost_values_and_a_shift():
    picture = np.arange(64).reshape(8, 8)
    assert outermost(picture)[3].tolist() == [40, 41, 42, 45, 46, 47]
    assert shift_change(np.full((2, 2), 2.0), np.full((2, 2), 3.0)) == 0.5


def test_printed_values_are_counted_one_by_one(artefacts):
    made = artefacts.make("edge-filters")
    printed = {
        key: [list(row) for row in rows] for key, rows in artefacts.settings("edge-filters").options["printed"].items()
    }
    rows = artefacts.rows("edge-filters")
    assert len(rows) == 36
    for key in printed:
        wrong = sum(row[key] != row[f"{key} printed"] for row in rows)
        assert made["facts"]["wrong"][key] == wrong > 0, "the drawn road is another picture"
    found = [[int(row["grey"]) for row in rows[start : start + 6]] for start in range(0, 36, 6)]
    again = artefacts.make("edge-filters", printed={**printed, "grey": found})
    assert again["facts"]["wrong"]["grey"] == 0
    found[5][5] += 1
    assert artefacts.make("edge-filters", printed={**printed, "grey": found})["facts"]["wrong"]["grey"] == 1


@pytest.mark.real_data
def test_the_real_photograph_gives_what_the_notes_print(artefacts, real_data):
    grey = to_grey(open_photograph(real_data / "images" / "filters" / "curved_lane.jpg"))
    assert grey.shape == (720, 1280)
    printed = artefacts.settings("edge-filters").options["printed"]
    np.testing.assert_array_equal(outermost(grey), printed["grey"])
    np.testing.assert_array_equal(outermost(filtered(grey, KERNELS["sobel-y"])), printed["sobel-y"])


def test_the_worked_example_is_computed_and_not_judged(artefacts):
    made = artefacts.make("edge-filters")
    (value,) = [value for value in made["values"] if value["key"] == "worked-example"]
    assert value["reproduced"]["mean"] == 4 * 220 - 140 - 225 - 205 - 250 == 60
    other = artefacts.make("edge-filters", pixels=((0, 1, 0), (2, 5, 3), (0, 4, 0)))
    assert other["facts"]["example"] == 10


def test_only_outermost_pixels_depend_on_the_border(artefacts):
    facts = artefacts.make("other-filters")["facts"]
    assert facts["inside"] == 0
    assert facts["levels"]["zeros"] < facts["levels"]["extended"]
    assert facts["differences"]["mirrored"] == 0
    sizes = {row["key"]: row["size"] for row in artefacts.rows("other-filters")}
    assert sizes == {"zeros": "320 × 180", "cropped": "318 × 178", "extended": "320 × 180", "mirrored": "320 × 180"}


def test_pooling_halves_the_sides(artefacts):
    made = artefacts.make("pooling")
    assert [row["size"] for row in artefacts.rows("pooling")] == ["319 × 180", "159 × 90", "159 × 90"]
    facts = made["facts"]["mean"]
    assert facts["max"] > facts["average"] == pytest.approx(facts["none"], rel=0.01)


def test_the_sample_is_called_a_drawing(tmp_path):
    made = Artefacts.made_up(WRITEUP, tmp_path, "sample").make("pooling")
    assert "the drawn road" in made["caption"]
    assert made["verdict"] != "exact"
