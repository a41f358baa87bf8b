"""Data sets that are tables: their files are checked, samples are read like official files, and bytes are the same."""

import numpy as np
import pytest
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.datasets import admissions, two_class_points
from rework.datasets.tables import write_dataset
from rework.errors import ConfigError, DataError
from rework.recorded import read_record, verified_sha256
from rework.samples import admissions as sample_admissions
from rework.samples import two_class_points as sample_points
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import DatasetSettings
from sklearn.linear_model import LogisticRegression

MODULES = {"two-class-points": (two_class_points, sample_points), "admissions": (admissions, sample_admissions)}


def settings_of(name, **options):
    return DatasetSettings(name, True, (), options, layout="table")


def generated(name, folder, seed=3):
    module, sample = MODULES[name]
    sample.generate(folder, seed, {})
    return module.read(folder, settings_of(name))


@pytest.mark.parametrize("name", MODULES)
def test_a_sample_is_read_like_an_official_file_and_is_the_same_twice(tmp_path, name):
    first, again = (generated(name, tmp_path / str(k)).columns for k in range(2))
    other = generated(name, tmp_path / "other", seed=4).columns
    file = MODULES[name][0].FILE
    assert (tmp_path / "0" / file).read_bytes() == (tmp_path / "1" / file).read_bytes()
    assert all((first[column] == again[column]).all() for column in first)
    assert any((first[column] != other[column]).any() for column in first)


def test_the_classes_of_the_points_can_be_learnt_but_overlap(tmp_path):
    columns = generated("two-class-points", tmp_path).columns
    points = np.column_stack([columns["x1"], columns["x2"]])
    assert len(points) == 100
    assert 0.85 < LogisticRegression(C=100).fit(points, columns["label"]).score(points, columns["label"]) < 1


def test_better_results_and_ranks_help_the_students(tmp_path):
    columns = generated("admissions", tmp_path).columns
    inputs = np.column_stack([columns[name] for name in ("gre", "gpa", "rank")])
    weights = LogisticRegression().fit((inputs - inputs.mean(0)) / inputs.std(0), columns["admit"]).coef_[0]
    assert weights[0] > 0 < weights[1]
    assert weights[2] < 0
    assert (len(inputs), inputs[:, 0].max(), inputs[:, 1].max()) <= (400, 800, 4)


def test_a_stored_table_is_what_artefacts_read(tmp_path):
    raw = generated("admissions", tmp_path / "raw")
    folder = paths.dataset_dir(tmp_path, "admissions")
    assert write_dataset(folder, raw, settings_of("admissions")) == "400 rows"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_dataset(folder, raw, settings_of("admissions"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    context = ArtefactContext(ArtefactSettings("course-notes/any", "table", "", ""), tmp_path)
    table = context.table("admissions")
    for name, column in raw.columns.items():
        assert table[name].tolist() == column.tolist()
    assert list(context.inputs) == ["data/admissions/table.csv"]
    assert read_record(folder / "dataset.json")["notes"] == ["400 rows of admit, gre, gpa, rank."]
    (folder / "table.csv").write_text("admit\n1\n")
    with pytest.raises(DataError, match="was changed after it was made"):
        verified_sha256(folder / "table.csv")


def test_wrong_values_are_named_with_their_line(tmp_path):
    (tmp_path / admissions.FILE).write_text("admit,gre,gpa,rank\n1,500,3.1,2\n0,510,3.2,5\n")
    with pytest.raises(DataError, match=r"student_data\.csv: line 3: rank is 5; expected one of 1, 2, 3, 4"):
        admissions.read(tmp_path, settings_of("admissions"))
    (tmp_path / admissions.FILE).write_text("admit,gre,gpa,rank\n2,500,3.1,2\n")
    with pytest.raises(DataError, match=r"line 2: admit is 2; expected one of 0, 1"):
        admissions.read(tmp_path, settings_of("admissions"))
    (tmp_path / two_class_points.FILE).write_text("0.1,0.2,1\n0.3,0.4,1\n")
    with pytest.raises(DataError, match=r"gradient_descent_data\.csv: classes \[1\.0\]; expected 0 and 1"):
        two_class_points.read(tmp_path, settings_of("two-class-points"))


@pytest.mark.parametrize("name", MODULES)
def test_they_have_no_options(tmp_path, name):
    module, sample = MODULES[name]
    with pytest.raises(ConfigError, match="unknown option 'count'"):
        module.read(tmp_path, settings_of(name, count=3))
    with pytest.raises(ConfigError, match="unknown option 'count'"):
        sample.generate(tmp_path, 0, {"count": 3})
