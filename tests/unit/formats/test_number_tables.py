"""Tables of numbers: what is written is read, and what is wrong is named with its line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats.number_tables import LARGEST, read_numbers, write_numbers

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8), header=st.booleans())
def test_numbers_come_back_to_the_last_bit(tmp_path_factory, rows, header):
    path = tmp_path_factory.mktemp("table") / "numbers.csv"
    columns = dict(zip(("first", "second"), np.array(rows).T, strict=True))
    write_numbers(path, columns, header)
    found = read_numbers(path, ("first", "second"), header)
    for name, column in columns.items():
        assert found[name].tolist() == column.tolist()


def test_whole_numbers_have_no_point(tmp_path):
    write_numbers(tmp_path / "t.csv", {"a": np.array([1.0, 0.5]), "b": np.array([-3.0, 0.0])}, header=True)
    assert (tmp_path / "t.csv").read_text() == "a,b\n1,-3\n0.5,0\n"


@pytest.mark.parametrize(
    ("text", "header", "message"),
    [
        ("1,2\n3\n", False, "line 2 is '3'; expected 2 finite numbers"),
        ("1,2\n3,x\n", False, "line 2 is '3,x'; expected 2 numbers"),
        ("1,nan\n", False, "line 1 is '1,nan'; expected 2 finite numbers"),
        ("1,2\n\n", False, "line 2 is ''; expected 2 numbers"),
        ("", False, "holds no rows; expected lines of 2 numbers: a, b"),
        ("a,b\n", True, "holds no rows"),
        ("a,c\n1,2\n", True, r"its first line is \['a,c'\]; expected a,b"),
        ("", True, r"its first line is \[\]; expected a,b"),
        ("a,b\n1,2\n3,4,5\n", True, "line 3 is '3,4,5'; expected 2 finite numbers"),
        ("1,é\n", False, "character 2 is not ASCII"),
        ("1" * (LARGEST + 1), False, "bytes, expected at most 1,048,576"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, header, message):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"t.csv: .*{message}") as caught:
        read_numbers(path, ("a", "b"), header)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"t\.csv: no such file"):
        read_numbers(tmp_path / "t.csv", ("a",), header=False)
