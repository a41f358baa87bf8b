"""What is no letter, such as a solid blot on a photograph, is cut out in the time of a letter."""

import numpy as np
import pytest
from rework.handwriting import crops
from rework.handwriting.crops import stroke_width


def blot(kind, side=90):
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    return {"square": np.ones((side, side), bool), "disc": np.hypot(rows, columns) <= side / 2}[kind]


@pytest.mark.parametrize("kind", ["square", "disc"])
def test_a_stroke_is_no_wider_than_the_letter(kind):
    assert stroke_width(blot(kind)) <= 90


def test_the_width_of_a_bar_is_measured():
    bar = np.zeros((100, 30), bool)
    bar[10:90, 12:18] = True
    assert stroke_width(bar) == pytest.approx(6, rel=0.15)


@pytest.mark.parametrize("kind", ["square", "disc"])
def test_no_picture_on_the_way_to_a_crop_is_large(kind, monkeypatch):
    seen = []
    skeletonize = crops.skeletonize

    def watched(ink):
        seen.append(max(ink.shape))
        assert seen[-1] < 1000
        return skeletonize(ink)

    monkeypatch.setattr(crops, "skeletonize", watched)
    found = crops._crop(blot(kind))
    assert found.shape == (32, 32)
    assert found.min() < found.max() == 255
    assert seen
