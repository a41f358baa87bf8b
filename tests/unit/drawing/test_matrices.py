"""Matrices as cells, read back from the picture."""

import numpy as np
from rework.drawing.matrices import count_matrix, labelled_matrix


def cells(figure, size):
    """Return the values of the cells as they are drawn, from the top left."""
    drawn = np.ma.filled(figure.axes[0].images[0].get_array().astype(float), np.nan)
    step = len(drawn) // size
    return drawn[::step, ::step].tolist()


def test_a_row_of_the_matrix_is_a_row_of_the_picture_and_the_diagonal_is_left_out():
    counts = np.array([[9, 4, 0], [1, 9, 0], [2, 3, 9]])
    figure = count_matrix(counts, "abc", "read as", "letter", "readings")
    np.testing.assert_equal(cells(figure, 3), [[np.nan, 4, 0], [1, np.nan, 0], [2, 3, np.nan]])
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("read as", "letter")
    assert axes.images[0].get_clim() == (0, 4)
    assert axes.get_ylim() == (3, 0), "the first row is on top"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]
    assert counts[0, 0] == 9, "the counts themselves stay"


def test_colours_are_centred_on_zero_and_dots_stand_in_marked_cells():
    marked = np.array([[False, True], [False, False]])
    figure = labelled_matrix(np.array([[1.0, -3.0], [2.0, 0.0]]), "ab", "to", "from", "score", marked)
    assert cells(figure, 2) == [[1, -3], [2, 0]]
    axes = figure.axes[0]
    assert axes.images[0].get_clim() == (-3, 3)
    assert [line.tolist() for line in axes.lines[0].get_data()] == [[1.5], [0.5]]
