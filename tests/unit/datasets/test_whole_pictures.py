"""Whole pictures as data sets, and the photograph of a road with its drawn sample."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from rework.artefacts.context import ArtefactContext
from rework.catalogue.catalogue import load_catalogue
from rework.datasets import picture_files, road_photograph
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.paths import dataset_dir
from rework.samples import road_photograph as sample
from rework.settings.data import DatasetSettings
from workflow_copy import REPOSITORY

ROAD = DatasetSettings("road-photograph", True, (), layout="pictures")


def test_the_same_seed_draws_the_same_road(tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        sample.generate(tmp_path / folder, seed, {})
    hashes = {folder: sha256_file(tmp_path / folder / "curved_lane.jpg") for folder in "abc"}
    assert hashes["a"] == hashes["b"] != hashes["c"]


def test_the_drawn_road_is_read_stored_and_found_again(tmp_path):
    sample.generate(tmp_path / "raw", 1, {})
    found = road_photograph.read(tmp_path / "raw", ROAD)
    assert found["curved_lane"].shape == (sample.HEIGHT, sample.WIDTH, 3)
    assert picture_files.write_dataset(dataset_dir(tmp_path, ROAD.name), found, ROAD) == "curved_lane 320 × 180"
    context = ArtefactContext(load_catalogue(REPOSITORY).artefact("sample", "course-notes/pooling"), tmp_path)
    again = context.pictures(ROAD.name)
    assert list(again) == ["curved_lane"]
    np.testing.assert_array_equal(again["curved_lane"], found["curved_lane"])
    assert set(context.inputs) == {"data/road-photograph/pictures.npz"}
    info = json.loads((dataset_dir(tmp_path, ROAD.name) / "dataset.json").read_text())
    assert info["pictures"] == {"curved_lane": [180, 320, 3]}
    assert info["sample"] is True


def test_colours_are_those_of_the_file(tmp_path):
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, 30:] = (250, 120, 10)
    Image.fromarray(picture).save(tmp_path / "curved_lane.jpg", quality=100, subsampling=0)
    found = road_photograph.read(tmp_path, ROAD)["curved_lane"].astype(int)
    assert np.abs(found - picture).max() <= 3


def test_a_missing_picture_and_an_unknown_option_are_named(tmp_path):
    with pytest.raises(DataError, match=r"curved_lane\.jpg: no such file"):
        road_photograph.read(tmp_path, ROAD)
    with pytest.raises(ConfigError, match="unknown option 'size'"):
        road_photograph.read(tmp_path, replace(ROAD, options={"size": 3}))
    with pytest.raises(ConfigError, match="unknown option 'size'"):
        sample.generate(tmp_path, 0, {"size": 3})
