"""Reading photographs: opening them, finding letters, grouping them, cutting them out, comparing texts."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rework.errors import DataError
from rework.reading.crops import letter_crops, stroke_width
from rework.reading.layout import Line, Word, group_lines, word_gap
from rework.reading.letters import Letters, find_letters, join_pieces
from rework.reading.pages import read_page
from rework.reading.photographs import MOST_PIXELS, open_photograph
from rework.reading.text import character_accuracy, edit_distance, joined
from rework.samples.photographs import PAGES, draw_page
from workflow_copy import REPOSITORY

TRUTH = yaml.safe_load((REPOSITORY / "config/assets.yaml").read_text())["datasets"]["photographs"]["options"]["truth"]
REAL = [Path(folder) / "nist" for folder in os.environ.get("REWORK_DATA", "").split(os.pathsep) if folder]
REAL = [folder for folder in REAL if (folder / "01_list.jpg").is_file()]


def sizes(page):
    """Return the numbers of letters of the words of each line."""
    return [[len(word) for word in line.words] for line in page.lines]


def expected_sizes(lines):
    return [[len(word) for word in line.split()] for line in lines]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_letter_of_a_drawn_page_is_found_in_its_word(name, seed):
    page = read_page(draw_page(PAGES[name], np.random.default_rng(seed)))
    assert sizes(page) == expected_sizes(PAGES[name])
    assert [box for line in page.lines for word in line.words for box in word.boxes] == list(range(len(page.boxes)))
    assert page.crops.shape == (len(page.boxes), 1, 32, 32)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL, reason="needs real data: set REWORK_DATA to a folder that holds nist/01_list.jpg")
@pytest.mark.parametrize("name", TRUTH)
def test_every_letter_of_the_photographs_is_found_in_its_word(name):
    page = read_page(open_photograph(REAL[0] / f"{name}.jpg"))
    assert len(page.boxes) == len("".join(TRUTH[name]).replace(" ", ""))
    assert sizes(page) == expected_sizes(TRUTH[name])


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_empty_page_has_no_letters(shade):
    noise = np.random.default_rng(0).normal(shade, 4, (300, 400, 1)).clip(0, 255)
    picture = np.broadcast_to(noise, (300, 400, 3)).astype(np.uint8)
    page = read_page(picture)
    assert page.boxes.shape == (0, 4)
    assert page.lines == ()
    assert page.crops.shape == (0, 1, 32, 32)


def test_dots_are_no_letters_and_pieces_of_a_letter_are_one():
    picture = np.full((200, 400, 3), 240, np.uint8)
    picture[50:110, 40:48] = 20  # a stem
    picture[50:56, 42:90] = 20  # its bar
    picture[60:66, 60:92] = 20  # a bar apart from them, over the same columns
    picture[105:110, 120:125] = 20  # a dot
    picture[50:110, 200:210] = 20  # another letter
    boxes = find_letters(picture).boxes
    assert len(boxes) == 2
    first = boxes[boxes[:, 1].argmin()]
    assert first == pytest.approx([50, 40, 110, 92], abs=3)


def test_light_from_one_side_is_no_ink():
    page = draw_page(("ABC", "DEF"), np.random.default_rng(3)).astype(float)
    shadow = np.linspace(0.3, 1, page.shape[1])[None, :, None]
    assert sizes(read_page((page * shadow).astype(np.uint8))) == [[3], [3]]


def test_joined_pieces_do_not_depend_on_their_order():
    pieces = np.array([[0, 0, 10, 4], [2, 1, 9, 3], [0, 20, 10, 30], [4, 21, 12, 29]])
    expected = {(0, 0, 10, 4), (0, 20, 12, 30)}
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        assert {tuple(box) for box in join_pieces(pieces[order]).tolist()} == expected


def test_lines_may_rise_and_words_end_at_wide_gaps():
    boxes = [[100 - 3 * k, 30 * k + 40 * (k > 2), 120 - 3 * k, 30 * k + 40 * (k > 2) + 20] for k in range(6)]
    boxes += [[160 - 3 * k, 30 * k, 180 - 3 * k, 30 * k + 20] for k in range(4)]
    order = np.random.default_rng(0).permutation(len(boxes))
    lines = group_lines(np.array(boxes)[order])
    found = [[[int(order[box]) for box in word.boxes] for word in line.words] for line in lines]
    assert found == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8, 9]]]


def test_the_gap_between_words_is_between_the_two_kinds_of_gaps():
    assert 0.5 < word_gap(np.array([0.2, 0.3, 0.5, 1.6, 1.4])) < 1.4
    assert word_gap(np.array([0.3, 0.2, 0.4])) == 0.75, "a page of one word"
    assert word_gap(np.array([1.1, 0.9, 1.3, 0.8])) < 0.8, "a page of single letters"
    assert word_gap(np.array([])) == 0.75


def test_crops_are_upright_dark_on_white_with_the_same_stroke():
    for thickness in (3, 9, 25):
        ink = np.zeros((200, 300), dtype=bool)
        ink[20:180, 50 : 50 + thickness] = True
        ink[180 - thickness : 180, 50:150] = True  # an L
        crop = letter_crops(Letters(np.array([[20, 50, 180, 150]]), ink))[0, 0]
        assert crop[0].min() == 255, "white margin"
        dark = crop < 128
        rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
        assert rows[-1] - rows[0] == pytest.approx(23, abs=2)
        assert dark[rows[-1] - 1].sum() > 3 * dark[rows[0] + 1].sum(), "the foot is below"
        assert columns[0] < 16 < columns[-1]
        assert dark[14:18].sum(axis=1).mean() == pytest.approx(3, abs=1.1)


def test_the_stroke_width_of_a_bar_is_its_width():
    for width in (3, 8, 15):
        ink = np.zeros((200, 40), dtype=bool)
        ink[:, 10 : 10 + width] = True
        assert stroke_width(ink) == pytest.approx(width, rel=0.25)


@cache
def slow_distance(first, second):
    """Return the edit distance by its definition."""
    if not first or not second:
        return len(first) + len(second)
    return min(
        slow_distance(first[1:], second) + 1,
        slow_distance(first, second[1:]) + 1,
        slow_distance(first[1:], second[1:]) + (first[0] != second[0]),
    )


@given(first=st.text("AB1", max_size=6), second=st.text("AB1", max_size=6))
def test_the_edit_distance_is_that_of_its_definition(first, second):
    assert edit_distance(first, second) == slow_distance(first, second)


def test_blanks_do_not_count_and_accuracies_end_at_zero():
    assert character_accuracy("T O DO\nLIST", "TO DO LIST") == 1
    assert character_accuracy("TODOL1ST", "TO DO LIST") == pytest.approx(7 / 8)
    assert character_accuracy("XXXXXXXXXXXXXXXXXXXXX", "AB") == 0
    lines = (Line((Word((0, 1)), Word((2,)))), Line((Word((3,)),)))
    assert joined(lines, "ABCD") == "AB C\nD"


def test_photographs_are_turned_upright_and_made_smaller(tmp_path):
    picture = Image.new("RGB", (5200, 4000), (200, 200, 200))
    picture.paste((0, 0, 0), (0, 0, 600, 4000))  # a dark left side
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    picture.save(tmp_path / "large.jpg", exif=exif)
    found = open_photograph(tmp_path / "large.jpg")
    assert found.shape[0] * found.shape[1] <= 1.05 * MOST_PIXELS
    assert found.shape[0] > found.shape[1]
    assert found[20].mean() < 60 < found[-20].mean(), "the dark side is on top now"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jpg", None, "no such file"),
        ("text.jpg", b"not a picture", "picture"),
        ("cut.jpg", "cut", "cut.jpg"),
        ("tiny.png", "tiny", "10 × 12"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(tmp_path, name, content, message):
    path = tmp_path / name
    if content == "tiny":
        Image.new("L", (10, 12)).save(path)
    elif content == "cut":
        Image.effect_noise((400, 400), 50).save(path)
        path.write_bytes(path.read_bytes()[:5000])
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=name.partition(".")[0]) as caught:
        open_photograph(path)
    assert message in str(caught.value)


def test_grey_pictures_and_those_with_transparency_are_pictures_too(tmp_path):
    for mode in ("L", "RGBA", "P"):
        Image.new(mode, (50, 40)).save(tmp_path / f"{mode}.png")
        assert open_photograph(tmp_path / f"{mode}.png").shape == (40, 50, 3)
