"""Reading handwriting: finding letters, lines and words, pictures of letters, texts."""

import zipfile
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from rework.datasets import photographs as photograph_pages
from rework.errors import ConfigError, DataError
from rework.formats.photographs import open_photograph
from rework.handwriting import letters
from rework.handwriting.crops import letter_crops
from rework.handwriting.layout import Line, Word, group_lines
from rework.handwriting.letters import Letters, find_letters
from rework.handwriting.pages import read_page
from rework.handwriting.text import character_accuracy, edit_distance, joined
from rework.samples import photographs as sample
from rework.settings.data import DatasetSettings
from rework.steps import read_text

TRUTH = {
    "01_list": (
        *("TO DO LIST", "1 MAKE A TO DO LIST", "2 CHECK OFF THE FIRST", "THING ON TO DO LIST"),
        *("3 REALIZE YOU HAVE ALREADY", "COMPLETED 2 THINGS", "4 REWARD YOURSELF WITH", "A NAP"),
    ),
    "02_letters": ("A B C D E F G", "H I J K L M N", "O P Q R S T U", "V W X Y Z", "1 2 3 4 5 6 7 8 9 0"),
    "03_haiku": ("HAIKUS ARE EASY", "BUT SOMETIMES THEY DONT MAKE SENSE", "REFRIGERATOR"),
    "04_deep": ("DEEP LEARNING", "DEEPER LEARNING", "DEEPEST LEARNING"),
}


def word_lengths(lines):
    return [[len(word.boxes) for word in line.words] for line in lines]


def written_lengths(text):
    return [[len(word) for word in line.split()] for line in text]


def strokes(*lines, size=(400, 300), width=6, ground=230, ink=40):
    """Return a picture (H x W x 3) of a given width and height with straight strokes x0, y0, x1, y1."""
    picture = Image.new("RGB", size, (ground,) * 3)
    for line in lines:
        ImageDraw.Draw(picture).line(line, fill=(ink,) * 3, width=width)
    return np.asarray(picture)


def letter_h(left, top, height=60):
    """Return the strokes of a letter H that is two thirds as wide as high."""
    right, bottom, middle = left + 2 * height // 3, top + height, top + height // 2
    return [(left, top, left, bottom), (right, top, right, bottom), (left, middle, right, middle)]


# Finding letters


def test_a_letter_is_found_to_the_pixel():
    found = find_letters(strokes(*letter_h(100, 120), width=7))
    (box,) = found.boxes.tolist()
    assert np.abs(np.subtract(box, [120, 97, 181, 144])).max() <= 3
    assert found.ink.shape == (300, 400)
    rows, columns = np.nonzero(found.ink)
    assert [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1] == box


def test_a_blank_page_has_no_letters():
    random = np.random.default_rng(0)
    light = np.linspace(120, 230, 1200)[None, :, None]
    for noise in (0.0, 2.0, 12.0):
        picture = (light + random.normal(0, noise, (900, 1200, 3))).clip(0, 255).astype(np.uint8)
        page = read_page(picture)
        assert page.boxes.shape == (0, 4)
        assert page.crops.shape == (0, 1, 32, 32)
        assert page.lines == ()
        assert not page.ink.any()
    for level in (0, 255):
        assert len(find_letters(np.full((100, 100, 3), level, np.uint8)).boxes) == 0


def test_letters_in_the_shadow_are_found_and_the_shadow_is_none():
    picture = strokes(*letter_h(60, 120), *letter_h(300, 120)).astype(np.float64)
    light = 1 - 0.75 / (1 + np.exp(-(np.arange(400) - 200) / 25))  # three quarters of the light are gone at the right
    found = find_letters((picture * light[None, :, None]).astype(np.uint8))
    assert sorted(found.boxes[:, 1] // 100) == [0, 2]


def test_dots_and_specks_are_dropped():
    dots = [(170, 178, 176, 178), (20, 30, 21, 30), (350, 250, 351, 250), (120, 60, 120, 61)]
    found = find_letters(strokes(*letter_h(100, 120), *letter_h(220, 120), *dots))
    assert len(found.boxes) == 2
    assert not found.ink[170:185, 165:180].any()


def test_a_bar_apart_from_its_stem_is_joined_and_lines_are_not():
    bar, stem = (100, 100, 150, 100), (125, 112, 125, 160)
    assert len(find_letters(strokes(bar, stem, *letter_h(200, 100))).boxes) == 2
    # The same pieces, but the lower one is a line further down.
    assert len(find_letters(strokes(*letter_h(100, 60), *letter_h(100, 150))).boxes) == 2


def test_a_frame_a_ruled_line_and_the_edge_of_a_table_are_no_letters():
    letters = [line for left in (80, 150, 220, 290) for top in (60, 160) for line in letter_h(left, top, 40)]
    frame = [(20, 20, 380, 20), (380, 20, 380, 280), (380, 280, 20, 280), (20, 280, 20, 20)]
    for more in (frame, [(0, 130, 400, 130)], [(396, 0, 396, 300)]):
        found = find_letters(strokes(*letters, *more, width=5))
        assert len(found.boxes) == 8, more
        assert found.ink.sum() == find_letters(strokes(*letters, width=5)).ink.sum()


def test_letters_that_touch_the_edge_are_found():
    assert len(find_letters(strokes(*letter_h(2, 2, 120), *letter_h(140, 2, 120), size=(230, 126))).boxes) == 2


def test_the_size_of_a_photograph_does_not_matter():
    for factor in (1, 2, 4):
        lines = [*letter_h(80, 80), *letter_h(170, 80), *letter_h(260, 90)]
        scaled = [tuple(factor * value for value in line) for line in lines]
        picture = strokes(*scaled, size=(400 * factor, 300 * factor), width=6 * factor)
        assert len(find_letters(picture).boxes) == 3, factor


def test_letters_are_found_in_any_paper_and_noise():
    random = np.random.default_rng(0)
    for ground, ink, noise in ((250, 20, 1), (150, 70, 4), (90, 30, 3)):
        clean = strokes(*letter_h(80, 80), *letter_h(220, 150), size=(800, 600), ground=ground, ink=ink)
        picture = (clean + random.normal(0, noise, clean.shape)).clip(0, 255).astype(np.uint8)
        assert len(find_letters(picture).boxes) == 2, ground


# Lines and words


def boxes_of(text, gap=10, blank=45, slope=0.0):
    """Return boxes of letters 40 high and 30 wide, in lines 80 apart that fall by ``slope``, in reading order."""
    boxes = []
    for number, line in enumerate(text):
        left = 10
        for character in line:
            if character != " ":
                top = 80 * number + round(slope * left)
                boxes.append((top, left, top + 40, left + 30))
            left += blank if character == " " else 30 + gap
    return np.array(boxes, dtype=np.int64)


@pytest.mark.parametrize("slope", [0.0, 0.15, -0.15])
def test_lines_and_words_of_boxes_in_any_order(slope):
    text = ("THE QUICK FOX", "JUMPED", "OVER A DOG 42")
    boxes = boxes_of(text, slope=slope)
    shuffled = np.random.default_rng(0).permutation(len(boxes))
    lines = group_lines(boxes[shuffled])
    characters = np.array(list("".join(text).replace(" ", "")))[shuffled]
    assert joined(lines, characters.tolist()) == "\n".join(text)


def test_widely_written_words_stay_words():
    text = ("MAKE A LIST", "OF ALL THINGS")
    assert word_lengths(group_lines(boxes_of(text, gap=24, blank=50))) == written_lengths(text)


def test_letters_that_stand_alone_are_words_of_their_own():
    assert word_lengths(group_lines(boxes_of(("ABCDE", "FGH"), gap=45))) == [[1] * 5, [1] * 3]


def test_a_single_word_is_not_divided():
    assert word_lengths(group_lines(boxes_of(("REFRIGERATOR",), gap=12))) == [[12]]


def test_no_boxes_have_no_lines_and_one_box_has_one():
    assert group_lines(np.empty((0, 4), np.int64)) == ()
    assert group_lines(np.array([[0, 0, 10, 10]])) == (Line((Word((0,)),)),)


@given(st.lists(st.tuples(*[st.integers(0, 300)] * 2, *[st.integers(1, 80)] * 2), max_size=25))
@settings(max_examples=60, deadline=None)
def test_every_box_is_in_exactly_one_word(places):
    boxes = np.array([(top, left, top + down, left + across) for top, left, down, across in places], np.int64)
    lines = group_lines(boxes.reshape(-1, 4))
    assert sorted(box for line in lines for word in line.words for box in word.boxes) == list(range(len(places)))
    assert all(len(line.words) and all(len(word.boxes) for word in line.words) for line in lines)


# Pictures of letters


def crop_of(picture):
    (crop,) = letter_crops(find_letters(picture))
    assert (crop.shape, crop.dtype) == ((1, 32, 32), np.uint8)
    return crop[0]


def extent(crop):
    rows, columns = np.nonzero(crop < 128)
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


def test_a_crop_is_upright_dark_on_white_and_in_the_middle():
    crop = crop_of(strokes((100, 100, 100, 160), (100, 160, 130, 160)))  # an L
    top, bottom, left, right = extent(crop)
    assert crop.max() == 255
    assert crop.min() < 40
    assert (crop[[0, -1]] == 255).all()
    assert (crop[:, [0, -1]] == 255).all()
    assert abs(top + bottom - 32) <= 2
    assert abs(left + right - 32) <= 2
    assert bottom - top > right - left
    assert (crop[top:bottom, left] < 128).mean() > 0.8  # its stem is at the left ...
    assert (crop[bottom - 1, left:right] < 128).mean() > 0.8  # ... and its foot below


def test_size_and_stroke_of_crops_do_not_depend_on_those_of_the_letter():
    crops = [
        crop_of(strokes(*letter_h(50, 50, height), width=width)) for height, width in ((40, 4), (90, 4), (180, 20))
    ]
    for crop in crops:
        top, bottom, _, _ = extent(crop)
        assert 22 <= bottom - top <= 28
        row = crop[8]  # across both stems
        assert 2.2 <= (255 - row.astype(float)).sum() / 255 / 2 <= 4.8


def test_a_crop_leaves_out_what_belongs_to_a_neighbour():
    ink = np.zeros((60, 80), dtype=bool)
    ink[10:50, 10:14] = ink[46:50, 10:40] = True  # an L; above its foot, a slanting neighbour reaches into its box
    alone = letter_crops(Letters(np.array([[10, 10, 50, 40]]), ink.copy()))
    ink[10:20, 34:60] = True
    assert (letter_crops(Letters(np.array([[10, 10, 50, 40]]), ink)) == alone).all()


# Texts


def distance_by_definition(a, b):
    @cache
    def distance(left, right):
        if not left or not right:
            return len(left) + len(right)
        return min(
            distance(left[1:], right) + 1,
            distance(left, right[1:]) + 1,
            distance(left[1:], right[1:]) + (left[0] != right[0]),
        )

    return distance(a, b)


@given(st.text("ABC", max_size=8), st.text("ABC", max_size=8))
@settings(deadline=None)
def test_edit_distance_is_that_of_the_definition(a, b):
    assert edit_distance(a, b) == distance_by_definition(a, b)


def test_accuracy_leaves_out_blanks_and_is_not_below_zero():
    assert character_accuracy("TO\nDO", "TO DO") == 1
    assert character_accuracy("TODQ", "TO DO") == 0.75
    assert character_accuracy("", "AB") == 0
    assert character_accuracy("XXXXXXXX", "AB") == 0


def test_joined_takes_the_characters_of_the_boxes():
    lines = (Line((Word((2, 0)), Word((1,)))), Line((Word((3,)),)))
    assert joined(lines, "BCAD") == "AB C\nD"


# The sample


@pytest.fixture(scope="module")
def sample_pages(tmp_path_factory):
    raw = tmp_path_factory.mktemp("raw")
    sample.generate(raw, 0, {})
    return raw, photograph_pages.read(raw, DatasetSettings("photographs", True, ()))


def test_every_character_of_the_sample_is_found(sample_pages):
    _, pages = sample_pages
    assert [page.name for page in pages] == sorted(sample.PAGES)
    for text in pages:
        page = read_page(text.picture)
        assert word_lengths(page.lines) == written_lengths(text.truth), text.name
        assert len(page.boxes) == len(page.crops) == sum(map(len, "".join(text.truth).split()))


def test_boxes_of_a_page_are_in_reading_order(sample_pages):
    _, pages = sample_pages
    page = read_page(pages[0].picture)
    numbers = [box for line in page.lines for word in line.words for box in word.boxes]
    assert numbers == list(range(len(page.boxes)))
    for line in page.lines:
        boxes = page.boxes[[box for word in line.words for box in word.boxes]]
        assert (np.diff(boxes[:, 1]) > 0).all()
    assert (page.crops == letter_crops(Letters(page.boxes, page.ink))).all()


def test_the_sample_is_the_same_for_the_same_seed_only(tmp_path, sample_pages):
    raw, _ = sample_pages
    archive = (raw / sample.ARCHIVE).read_bytes()
    for seed, same in ((0, True), (1, False)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        sample.generate(folder, seed, {})
        assert ((folder / sample.ARCHIVE).read_bytes() == archive) is same
    with zipfile.ZipFile(raw / sample.ARCHIVE) as members:
        assert members.namelist() == [f"images/{name}.jpg" for name in sorted(sample.PAGES)]


def test_the_sample_knows_no_other_options(tmp_path):
    with pytest.raises(ConfigError, match="pages"):
        sample.generate(tmp_path, 0, {"pages": 3})


# The four photographs of the writeup


@pytest.mark.real_data
@pytest.mark.parametrize("name", TRUTH)
def test_letters_lines_and_words_of_the_photographs(name, real_data):
    path = real_data / "nist" / f"{name}.jpg"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    page = read_page(open_photograph(path))
    assert len(page.boxes) == len("".join(TRUTH[name]).replace(" ", ""))
    assert word_lengths(page.lines) == written_lengths(TRUTH[name])


def test_a_page_of_specks_is_refused_before_they_are_compared(monkeypatch):
    """The comparison of each with each took 60 GB for a picture of sand."""
    drawn = np.random.default_rng(0)
    sand = np.full((1600, 1600, 3), 255, np.uint8)
    sand[::8, ::8] = sand[1::8, ::8] = sand[::8, 1::8] = drawn.integers(0, 40, 3)
    monkeypatch.setattr(letters, "_belong_together", lambda *_: pytest.fail("they were compared"))
    monkeypatch.setattr(letters, "SMALLEST_HEIGHT", 1e-4)
    with pytest.raises(DataError, match=r"sand\.png: [0-9,]+ pieces of ink, expected at most 4,000 of a page"):
        read_page(sand, "sand.png")


def test_what_is_left_out_of_the_ink_is_told():
    drawn = [line for left in (80, 150, 220, 290) for line in letter_h(left, 60, 40)]
    assert find_letters(strokes(*drawn, width=5)).left_out == 0
    ruled = read_page(strokes(*drawn, (0, 130, 400, 130), (0, 180, 400, 180), width=5)).left_out
    assert 0.3 < ruled < 0.8
    assert read_page(np.full((100, 100, 3), 255, np.uint8)).left_out == 0


@pytest.mark.parametrize(("rules", "said"), [((), False), (((0, 130, 400, 130), (0, 180, 400, 180)), True)])
def test_reading_says_how_much_ink_was_left_out(rules, said):
    drawn = [line for left in (80, 150, 220, 290) for line in letter_h(left, 60, 40)]
    page = read_page(strokes(*drawn, *rules, width=5))
    remark = read_text._remarks("a reader", page, ["H"] * len(page.boxes), np.ones(len(page.boxes), np.float32))
    assert ("% of the dark pixels belong to no letter and were left out" in remark) is said
