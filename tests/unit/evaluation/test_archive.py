"""Archives of arrays: read back by numpy, and the same bytes whenever they are written."""

import zipfile

import numpy as np
from rework.evaluation.archive import write_npz


def test_the_bytes_depend_on_the_arrays_alone(tmp_path):
    arrays = {"b": np.arange(6).reshape(2, 3).T, "a": np.array([0.5, np.nan], np.float32)}
    write_npz(tmp_path / "x.npz", arrays)
    with np.load(tmp_path / "x.npz") as read:
        assert list(read) == ["b", "a"]
        for name, array in arrays.items():
            np.testing.assert_array_equal(read[name], array)
            assert read[name].dtype == array.dtype
    with zipfile.ZipFile(tmp_path / "x.npz") as archive:
        # The first time that a zip file can hold, not that of the writing.
        assert [member.date_time for member in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)] * 2
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
