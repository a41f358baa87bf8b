"""What course-notes shows of style transfer, on made-up pictures and losses."""

import numpy as np
from rework.models.style_layers import STYLE_LAYERS
from rework.recorded import read_record, write_record

WRITEUP = "course-notes"
# As the notes print VGG-19 for pictures of 400 pixels.
VGG_SHAPES = {
    "conv1_1": "64 × 400 × 400",
    "conv1_2": "64 × 400 × 400",
    "conv2_1": "128 × 200 × 200",
    "conv2_2": "128 × 200 × 200",
    "conv3_1": "256 × 100 × 100",
    "conv3_2": "256 × 100 × 100",
    "conv4_1": "512 × 50 × 50",
    "conv4_2": "512 × 50 × 50",
    "conv5_1": "512 × 25 × 25",
}
SQUEEZENET_CHANNELS = (64, 64, 128, 128, 256, 256, 384, 384, 512)


def test_the_layers_have_the_shapes_of_the_notes(artefacts):
    made = artefacts.make("style-layers")
    rows = {row["part"]: row for row in artefacts.rows("style-layers")}
    assert {part: row["vgg-19 shape"] for part, row in rows.items()} == VGG_SHAPES == made["facts"]["shapes"]
    assert rows["conv4_2"]["vgg-19 layer"] == "features.21"
    channels = [int(row["squeezenet-1-1 shape"].split(" × ")[0]) for row in rows.values()]
    assert tuple(channels) == SQUEEZENET_CHANNELS
    assert {part for part, row in rows.items() if row["use"] == "style"} == set(STYLE_LAYERS)


def test_the_gram_matrices_are_symmetric_parts_of_what_the_network_sees(artefacts):
    artefacts.make("gram-matrix", channels=6)
    rows = artefacts.rows("gram-matrix")
    assert len(rows) == 2 * 5 * 21, "half of a symmetric matrix with its diagonal"
    assert all(float(row["value"]) >= 0 for row in rows), "what a ReLU returns is never negative"
    for picture in ("content", "style"):
        first = [row for row in rows if row["picture"] == picture and row["layer"] == "conv3_1"]
        diagonal = {row["channel"]: float(row["value"]) for row in first if row["channel"] == row["other channel"]}
        for row in first:  # Cauchy and Schwarz
            bound = diagonal[row["channel"]] * diagonal[row["other channel"]]
            assert float(row["value"]) ** 2 <= bound * 1.001 + 1e-3


def test_pairs_and_ratios_are_counted_and_the_order_is_told(artefacts):
    made = artefacts.make("style-ratio")
    assert made["facts"]["in_order"] == 3
    assert made["facts"]["pairs"] == "3 pairs"
    assert [row["ratio"] for row in made["table"]["rows"]] == ["1:10", "1:100", "1:1,000", "1:10,000"]
    found = [value for value in made["values"] if value["metric"] == "style_distance"]
    assert [len(value["reproduced"]["values"]) for value in found] == [3, 3, 3, 3]
    folder = artefacts.run_dir("style-ratio-100", 1)
    record = read_record(folder / "metrics.json")
    before = (folder / "metrics.json").read_bytes()
    try:
        record["metrics"]["style_distance"]["value"] = 9.0
        write_record(folder / "metrics.json", record)
        assert artefacts.make("style-ratio")["facts"]["in_order"] == 2
    finally:
        (folder / "metrics.json").write_bytes(before)


def test_the_weights_table_has_each_layer(artefacts):
    made = artefacts.make("style-weights")
    stored = artefacts.predictions("style-weights-even")["style_distances"]
    row = made["table"]["rows"][1]
    np.testing.assert_allclose([row[part] for part in STYLE_LAYERS], stored)


def test_what_depends_on_no_ratio_is_said_in_words(artefacts):
    made = artefacts.make("style-content-layer")
    assert "Adam at the rate 0.003" in made["caption"]
    assert {row["ratio"] for row in made["table"]["rows"]} == {"10:1"}
    start = artefacts.make("style-start")
    assert {row["ratio"] for row in start["table"]["rows"]} == {"1:1", "10:1"}
    assert {"content_loss", "style_loss"} <= set(start["table"]["rows"][0])
