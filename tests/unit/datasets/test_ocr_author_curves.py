"""The author's curves of ocr: read from a file of the true form, refused with the place if it is damaged."""

import numpy as np
import pytest
from rework.datasets import ocr_author_curves
from rework.datasets.ocr_author_curves import CURVES, EPOCHS, FILE, RUNS, column
from rework.errors import ConfigError, DataError
from rework.samples import ocr_author_curves as drawn
from rework.settings.data import DatasetSettings

SETTINGS = DatasetSettings("ocr-author-curves", True, (), layout="table")
OF_LETTERS = ("cnn-2", "cnn-3", "cnn-4", "cnn-5")


@pytest.fixture
def folder(tmp_path):
    drawn.generate(tmp_path, 3, {})
    return tmp_path


def read(folder):
    return ocr_author_curves.read(folder, SETTINGS).columns


def lines(folder):
    return (folder / FILE).read_text().splitlines()


def test_every_run_has_every_curve(folder):
    columns = read(folder)
    assert list(columns) == [column(run, curve) for run in RUNS for curve in CURVES]
    assert {values.shape for values in columns.values()} == {(EPOCHS,)}
    cells = next(line for line in lines(folder) if line.startswith("cnn-bilstm,letters,7,")).split(",")
    found = [columns[column("cnn-bilstm", curve)][6] for curve in CURVES]
    assert found == [float(cells[3]), float(cells[4]), float(cells[7])]


def test_a_sample_is_the_same_twice_and_follows_the_definitions(folder, tmp_path):
    again = tmp_path / "again"
    drawn.generate(again, 3, {})
    assert (again / FILE).read_bytes() == (folder / FILE).read_bytes()
    check_definitions(read(folder), drawn.LETTERS_PER_WORD)


def check_definitions(columns, letters_per_word):
    """Check that what was plotted is the mean since the start for letters, and too small for words."""
    for run in RUNS:
        plotted, means = (columns[column(run, curve)] for curve in ("plotted_training_loss", "epoch_mean_loss"))
        if run in OF_LETTERS:
            expected = [means[: epoch + 1].mean() for epoch in range(EPOCHS)]
        else:
            expected = means / letters_per_word
        np.testing.assert_allclose(plotted, expected, atol=1.1e-5)


def test_other_trainings_of_the_same_network_are_passed_over(folder):
    before = read(folder)
    with (folder / FILE).open("a") as file:
        file.writelines(f"bilstm,words,{epoch},0,0,1,2,0.5\n" for epoch in range(1, EPOCHS + 1))
        file.write("cnn-bilstm-15-epochs,words,1,0,0,1,2,0.5\n")
    after = read(folder)
    assert all((before[name] == after[name]).all() for name in before)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: ["x", *rows[1:]], "its first line is"),
        (lambda rows: rows[:0], "its first line is"),
        (lambda rows: rows[:-1], r"epochs of cnn-bilstm by letters: .*; expected 1 to 20"),
        (lambda rows: [*rows, rows[-1]], "epochs of cnn-bilstm by letters"),
        (lambda rows: [rows[0], rows[1] + ",1", *rows[2:]], "line 2 is .*; expected 8 cells"),
        (
            lambda rows: [rows[0], rows[1].rpartition(",")[0] + ",1.5", *rows[2:]],
            "validation_accuracy of cnn-2: .*0 to 1",
        ),
        (lambda rows: [rows[0], "cnn-2,letters,1,many,0,1,2,0.5", *rows[2:]], "plotted_training_loss of cnn-2"),
        (lambda rows: [rows[0], "cnn-2,letters,1,nan,0,1,2,0.5", *rows[2:]], "plotted_training_loss of cnn-2"),
    ],
)
def test_a_damaged_file_is_refused(folder, change, said):
    (folder / FILE).write_text("\n".join(change(lines(folder))))
    with pytest.raises(DataError, match=said):
        read(folder)


def test_a_missing_file_and_options_are_refused(tmp_path):
    with pytest.raises(DataError, match=FILE):
        read(tmp_path)
    with pytest.raises(ConfigError, match="unknown option 'size'"):
        ocr_author_curves.read(tmp_path, DatasetSettings("ocr-author-curves", True, (), {"size": 3}, layout="table"))


@pytest.mark.real_data
def test_the_authors_file_follows_the_definitions(real_data):
    if not (real_data / "authors" / FILE).is_file():
        pytest.skip(f"no authors/{FILE} in REWORK_DATA")
    columns = read(real_data / "authors")
    check_definitions(columns, 41679 / 5512)
    for run in RUNS:
        counts = 5331 * columns[column(run, "validation_accuracy")]  # letters of fold 8
        np.testing.assert_allclose(counts, counts.round(), atol=0.01)
