"""Opening photographs: upright, in three colours, not too large; and what cannot be opened is explained."""

import numpy as np
import pytest
from PIL import Image
from rework.errors import DataError
from rework.formats.photographs import open_photograph


def saved(path, width=400, height=300, **options):
    """Write a picture whose left half is red and right half blue."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height))
    picture.save(path, **options)
    return path


def test_a_small_picture_is_returned_as_it_is(tmp_path):
    picture = open_photograph(saved(tmp_path / "a.png"))
    assert (picture.shape, picture.dtype) == ((300, 400, 3), np.uint8)
    assert picture[150, 10].tolist() == [255, 0, 0]
    assert picture[150, 390].tolist() == [0, 0, 255]


def test_twenty_megapixels_are_scaled_down_in_proportion(tmp_path):
    picture = open_photograph(saved(tmp_path / "a.jpg", 5200, 3900))
    height, width = picture.shape[:2]
    assert 2_000_000 < height * width <= 2_600_000
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    assert picture[height // 2, 10, 0] > 240 > 20 > picture[height // 2, width - 10, 0]


def test_a_turned_camera_gives_an_upright_picture(tmp_path):
    # How each way of holding the camera shows the red left half: (rows, columns) of a point that must be red.
    red = {1: (150, 10), 2: (150, 390), 3: (150, 390), 4: (150, 10), 5: (10, 150), 6: (10, 150), 7: (390, 150)}
    for orientation, place in {**red, 8: (390, 150)}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = open_photograph(saved(tmp_path / "a.jpg", exif=exif))
        assert picture.shape == ((300, 400, 3) if orientation < 5 else (400, 300, 3))
        assert picture[place][0] > 240, orientation
        assert picture[::-1, ::-1][place][0] < 20, orientation  # the point on the other side of the middle


def test_transparent_and_grey_pictures_have_three_colours(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGBA", (40, 50), (0, 0, 0, 0)).save(path)
    assert (open_photograph(path) == 255).all()
    Image.new("L", (40, 50), 90).save(path)
    assert (open_photograph(path) == 90).all()


def test_what_cannot_be_opened_is_explained(tmp_path, monkeypatch):
    def refusal(path):
        with pytest.raises(DataError) as refused:
            open_photograph(path)
        message = str(refused.value)
        assert message.startswith(f"{path}: ")
        return message

    assert "no such file" in refusal(tmp_path / "none.jpg")
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    assert "not a picture" in refusal(text)
    whole = saved(tmp_path / "whole.jpg", 1200, 900).read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole[: len(whole) // 2])
    assert "truncated" in refusal(cut)
    assert "31 × 400" in refusal(saved(tmp_path / "thin.png", 31, 400))
    # Pillow warns of more pixels than the limit, and refuses twice as many.
    for limit in (100_000, 10_000):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        assert "pixel" in refusal(saved(tmp_path / "large.png"))
