"""What course-notes shows of networks, on fresh networks and noise."""

import numpy as np
import pytest
from rework.artefacts.course_notes.activations import purity
from rework.artefacts.course_notes.network_maps import correlation, first_right
from rework.errors import ConfigError

WRITEUP = "course-notes"


def test_the_given_weights_are_measured_on_the_test_pictures(artefacts):
    made = artefacts.make("layer-activations")
    facts = made["facts"]
    (value,) = made["values"]
    assert value["key"] == "course-weights"
    assert value["reproduced"]["mean"] == facts["right"]["course-weights"] / facts["count"]
    assert facts["right"]["trained"] <= facts["count"] == 60
    assert {data["name"] for data in made["data"]} == {"cifar-10", "udacity-cifar-cnn"}
    rows = artefacts.rows("layer-activations")
    assert [row["size"] for row in rows] == ["16 × 32 × 32", "32 × 16 × 16", "64 × 8 × 8"] * 2
    assert all(0 < float(row["zeros"]) < 1 for row in rows)


def test_favourites_come_in_order_and_of_responding_units(artefacts):
    artefacts.make("maximal-images")
    rows = artefacts.rows("maximal-images")
    assert len(rows) == 2 * 4 * 3 * 8
    for start in range(0, len(rows), 8):
        values = [float(row["activation"]) for row in rows[start : start + 8]]
        assert values == sorted(values, reverse=True)
        assert values[-1] > 0


def test_purity_is_the_share_of_the_commonest_label():
    assert purity(np.array([[1, 1, 2, 3], [4, 4, 4, 4]])) == (0.5 + 1) / 2
    assert np.isnan(purity(np.zeros((0, 4), int)))


def test_the_map_has_each_picture_once_in_a_cell_of_its_own(artefacts):
    made = artefacts.make("tsne", pictures=40)
    rows = artefacts.rows("tsne")
    assert len(rows) == 80
    for network in {row["network"] for row in rows}:
        mine = [row for row in rows if row["network"] == network]
        assert sorted(int(row["picture"]) for row in mine) == list(range(40))
        assert len({(row["row"], row["column"]) for row in mine}) == 40
    assert set(made["facts"]["agreements"]) == {"pixels", "trained", "course-weights"}


def test_occlusion_shows_a_picture_of_each_class(artefacts):
    made = artefacts.make("occlusion")
    rows = artefacts.rows("occlusion")
    assert [row["class"] for row in rows[::2]] == ["dog", "cat", "horse", "automobile", "airplane"]
    for row in rows:
        assert float(row["least"]) <= made["facts"]["whole"][f"{row['key']} {row['class']}"] + 0.05
    with pytest.raises(ConfigError, match=r"options.classes: unknown class 'dgo'.* did you mean 'dog'\?"):
        artefacts.make("occlusion", classes=("dgo",))


def test_the_picture_is_the_first_that_most_networks_read():
    targets = np.array([0, 1, 1, 1, 1])
    assert first_right(targets, [np.array([0, 0, 1, 1, 0]), np.array([0, 0, 0, 1, 1])], 1) == 3
    assert first_right(targets, [np.array([0, 0, 0, 0, 0])] * 2, 1) == 1
    assert first_right(targets, [np.array([0, 0, 1, 0, 0]), np.array([0, 0, 0, 0, 1])], 1) == 2


def test_maps_that_do_not_vary_have_no_correlation():
    ramp = np.arange(4.0).reshape(2, 2)
    assert correlation(ramp, np.ones((2, 2))) is None
    assert correlation(ramp, 3 - 2 * ramp) == pytest.approx(-1)
