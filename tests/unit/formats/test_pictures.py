"""Pictures of every kind become the same upright RGB bytes, whichever way they come; decoders' errors are declared."""

import io

import numpy as np
import pytest
from PIL import Image
from rework.errors import DataError
from rework.formats import pictures
from rework.formats.photographs import open_photograph, photograph_from
from rework.formats.picture_archive import square_picture

RED = (200, 30, 30)


def packed(picture, form="PNG", **options):
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def seen(content, tmp_path, size=40):
    """Return a square picture as every way to read pictures gives it, each H x W x 3."""
    path = tmp_path / "picture"
    path.write_bytes(content)
    ways = [open_photograph(path), photograph_from(content, "p"), square_picture(content, size, "p").transpose(1, 2, 0)]
    for way in ways[1:]:
        np.testing.assert_allclose(way.astype(int), ways[0].astype(int), atol=1)
    return ways[0]


@pytest.mark.parametrize(
    ("level", "kind", "expected"),
    [(30000, np.uint16, 117), (65535, np.uint16, 255), (255, np.uint16, 1), (30000, np.int32, 117), (90, np.int32, 90)],
)
def test_grey_levels_keep_their_share_of_white(tmp_path, level, kind, expected):
    form = "PNG" if kind is np.uint16 else "TIFF"
    assert (seen(packed(Image.fromarray(np.full((40, 40), level, kind)), form), tmp_path) == expected).all()


def test_fractions_go_from_black_to_white_and_must_be_finite(tmp_path):
    levels = np.full((40, 40), 0.5, np.float32)
    assert (seen(packed(Image.fromarray(levels), "TIFF"), tmp_path) == 128).all()
    levels[3, 3] = np.nan
    with pytest.raises(DataError, match="it holds values that are no finite numbers"):
        square_picture(packed(Image.fromarray(levels), "TIFF"), 8, "p")


def test_transparent_pixels_become_white(tmp_path):
    half = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    half.paste((*RED, 255), (0, 0, 20, 40))
    found = seen(packed(half), tmp_path)
    assert found[20, 30].tolist() == [255, 255, 255]
    assert found[20, 5].tolist() == list(RED)
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    assert (seen(packed(palette, transparency=0), tmp_path) == 255).all()


@pytest.mark.parametrize("orientation", range(9))
def test_a_turned_camera_gives_upright_pictures(tmp_path, orientation):
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:20, :10] = RED
    image = Image.fromarray(upright)
    # What the camera stored: the inverse of the turn that makes it upright.
    inverse = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    turn = pictures._UPRIGHT.get(orientation)
    stored = image if turn is None else image.transpose(inverse.get(turn, turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(seen(packed(stored, exif=exif), tmp_path), upright)


@pytest.mark.parametrize(
    "error", [RuntimeError, NotImplementedError, LookupError, MemoryError, AttributeError, OSError]
)
def test_whatever_a_decoder_raises_is_declared_on_one_short_line(monkeypatch, error):
    content = packed(Image.new("RGB", (40, 40)))

    def fail(*_, **__):
        raise error("no\nsuch\x00thing " + "x" * 10_000)

    for place in ("convert", "draft", "getexif"):
        with monkeypatch.context() as patched:
            patched.setattr(Image.Image, place, fail)
            for read in (lambda: square_picture(content, 8, "p"), lambda: photograph_from(content, "p")):
                with pytest.raises(DataError) as caught:
                    read()
                message = str(caught.value)
                assert message.startswith("p: the picture is damaged or not whole (no such thing xxx")
                assert "\n" not in message
                assert len(message) < 250


@pytest.mark.parametrize(
    "form", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "DDS", "PPM", "AVIF", "ICNS", "TGA", "PCX"]
)
def test_damaged_pictures_of_every_format_are_read_or_refused(form):
    drawn = np.random.default_rng(0)
    whole = packed(Image.fromarray(drawn.integers(0, 255, (64, 64, 3), dtype=np.uint8)), form)
    for _ in range(60):
        content = bytearray(whole)
        for place in drawn.integers(0, min(len(content), 200), 3):
            content[place] = drawn.integers(256)
        if drawn.random() < 0.3:
            del content[drawn.integers(len(content)) :]
        for read in (lambda c: square_picture(c, 8, "p"), lambda c: photograph_from(c, "p")):
            try:
                read(bytes(content))
            except DataError as error:
                message = str(error)
            else:
                message = "p: read"
            assert message.startswith("p: ")
            assert len(message) < 250
