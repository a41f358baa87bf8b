"""Finding letters as the writeup's listing does: the same as scikit-image's functions, which it calls."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from rework.handwriting.listing import bilateral, find_letters_as_listed, noise
from skimage.restoration import denoise_bilateral


def drawn(*rectangles, size=(120, 200)):
    """Return grey paper with dark rectangles: left, top, right, bottom, all inclusive."""
    picture = Image.new("RGB", size[::-1], (200, 200, 200))
    draw = ImageDraw.Draw(picture)
    for rectangle in rectangles:
        draw.rectangle(rectangle, fill=(30, 30, 30))
    return np.asarray(picture)


def test_noise_is_that_of_the_wavelet_worked_by_hand():
    """A lone bright pixel has nine or fewer details; those of a checkerboard are all alike."""
    rows, columns = np.indices((40, 40))
    checks = np.repeat(((-1.0) ** (rows + columns))[..., None], 3, axis=2)
    # The high-pass filter takes alternating signs to the sum of its values with those signs, which is sqrt(2).
    assert noise(checks) == pytest.approx(2 / 0.6744897501960817)
    assert noise(np.full((40, 40, 3), 0.5, np.float32)) == pytest.approx(0, abs=1e-9)
    # A slope is no noise: the wavelet has two vanishing moments. The mirrored edges are few.
    assert noise(np.repeat((rows / 40)[..., None], 3, axis=2)) == pytest.approx(0, abs=1e-9)


def test_noise_is_the_deviation_of_white_noise():
    picture = 0.5 + np.random.default_rng(0).normal(0, [0.02, 0.04, 0.06], (300, 300, 3))
    assert noise(picture) == pytest.approx(0.04, rel=0.03)


def test_noise_equals_scikit_image_where_that_can_be_had():
    pytest.importorskip("pywt")
    from skimage.restoration import estimate_sigma

    picture = np.random.default_rng(1).random((33, 40, 3))
    assert noise(picture) == pytest.approx(estimate_sigma(picture, average_sigmas=True, channel_axis=-1))


@pytest.mark.parametrize("sigma", [0.05, 0.3, 0.0])
def test_the_bilateral_filter_is_scikit_images(sigma):
    levels = np.random.default_rng(2).random((140, 21, 3)).astype(np.float32)  # two strips
    expected = denoise_bilateral(levels, win_size=5, sigma_color=sigma, channel_axis=-1)
    # scikit-image rounds distances down to one of ten thousand.
    assert np.abs(bilateral(levels, sigma) - expected).max() < 2e-3


def test_boxes_are_those_of_thickened_pieces_and_small_ones_are_dropped():
    """Two strokes 5 pixels apart are closed into one piece or joined by thickening; a speck is dropped."""
    strokes = (20, 20, 29, 79), (100, 30, 109, 89), (116, 30, 125, 89), (170, 10, 170, 10)
    assert find_letters_as_listed(drawn(*strokes)).tolist() == [[16, 16, 84, 34], [26, 96, 94, 130]]


def test_pieces_that_meet_at_a_corner_are_one():
    assert len(find_letters_as_listed(drawn((20, 20, 49, 49), (58, 58, 90, 90)))) == 1
    assert len(find_letters_as_listed(drawn((20, 20, 49, 49), (59, 59, 90, 90)))) == 2


def test_a_piece_of_a_fifth_of_the_mean_area_is_kept():
    """Thickened areas of 900, 900 and 225 have a mean of 675, whose fifth is 135; one of 81 is dropped."""
    found = find_letters_as_listed(drawn((10, 10, 31, 31), (60, 10, 81, 31), (120, 20, 126, 26)))
    assert len(found) == 3
    found = find_letters_as_listed(drawn((10, 10, 31, 31), (60, 10, 81, 31), (120, 20, 120, 20)))
    assert len(found) == 2


def test_nothing_is_found_on_an_even_page():
    assert find_letters_as_listed(np.full((50, 60, 3), 200, np.uint8)).shape == (0, 4)
