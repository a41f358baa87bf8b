"""Paths of results on the command line that nobody configured."""

import pytest
from config_copy import ROOT
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.targets import check_targets
from rework.errors import ConfigError

CATALOGUE = load_catalogue(ROOT)
WRONG = {
    "results/full/runs/ocr/cnn-2/seed99/metrics.json": [
        "run 'cnn-2' of config/writeups/ocr.yaml has the seeds 0, 1, ",
        "in the full edition, not 99; name one of these, or add it to the run's `seeds`",
    ],
    "./results/sample/runs/ocr/cnn-2/seed1/metrics.json": ["has the seeds 0 in the sample edition, not 1"],
    "results/full/runs/ocr/cnn-2/seed00/metrics.json": ["not 00; name one of these"],
    "results/full/runs/ocr/cnn-2/seed-1/weights.safetensors": ["not -1; name one of these"],
    "results/full/runs/ocr/cnm-2/seed0/metrics.json": ["config/writeups/ocr.yaml: unknown run 'cnm-2'", "'cnn-2'?"],
    "results/sample/runs/ocr/cnm-2/seed0/metrics.json": ["config/writeups/ocr.yaml: unknown run 'cnm-2'"],
    "results/full/runs/orc/cnn-2/seed0/metrics.json": ["unknown writeup 'orc'", "did you mean 'ocr'?"],
    "results/ful/runs/ocr/cnn-2/seed0/metrics.json": ["unknown edition 'ful'", "did you mean 'full'?"],
    "results/full/runs/nist36/scene-cnn/seed0/metrics.json": ["run 'scene-cnn' needs scenes8, which the key without"],
    "results/full/artefacts/ocr/depht-table.json": ["unknown artefact 'depht-table'", "did you mean 'depth-table'?"],
    "results/full/artefacts/nist36/scene-bag-of-words.csv": ["this artefact is not made: Left out, because"],
    "results/full/data/ocr-leters/dataset.json": ["unknown data set 'ocr-leters'", "did you mean 'ocr-letters'?"],
}


@pytest.mark.parametrize("target", WRONG)
def test_a_path_that_is_not_configured_is_one_line(target):
    with pytest.raises(ConfigError) as caught:
        check_targets(CATALOGUE, ["--cores", "8", target])
    said = str(caught.value)
    assert said.startswith(f"target {target}: ")
    assert all(part in said for part in WRONG[target]), said
    assert "\n" not in said


def test_other_words_are_left_to_snakemake():
    words = [
        "sample", "--config", "seeds=[99]", "results/full/runs/ocr/cnn-2/seed0/metrics.json", "results",
        "results/full/report/report.pdf", "results/sample/data/recall/dataset.json", "results/full/runs/x",
        "results/full/artefacts/ocr/depth-table.json", "data/ocr-letters/letter.data.gz",
    ]  # fmt: skip
    check_targets(CATALOGUE, words)
