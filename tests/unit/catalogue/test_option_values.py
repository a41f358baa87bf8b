"""Options that fit their types and mean nothing: empty, repeated, or not to be computed together."""

import pytest
from config_copy import change, copy_config, refusal
from rework.catalogue.catalogue import load_catalogue

OCR, NOTES, ASSETS = "config/writeups/ocr.yaml", "config/writeups/course-notes.yaml", "config/assets.yaml"
CAPTIONS, COLUMNS = "config/writeups/fashion-captions.yaml", "columns: [train_loss]"
DEPTH = "    options: {title: Test accuracy by number of convolutions"
WRONG = {
    "empty list": (CAPTIONS, COLUMNS, "columns: []", "options.columns: found nothing"),
    "empty list of a default": (OCR, DEPTH, f"{DEPTH}, metrics: []", "options.metrics: found nothing, expected a list"),
    "repeated column": (
        CAPTIONS,
        COLUMNS,
        "columns: [train_loss, train_loss]",
        "options.columns: 'train_loss' is listed twice; remove one",
    ),
    "column that the history lacks": (
        CAPTIONS,
        COLUMNS,
        "columns: [train_los]",
        "options.columns: run 'joined-scores': unknown column of the history 'train_los'",
    ),
    "fewer outcomes than events": (
        NOTES,
        "happened: [[1, 1, 0]",
        "happened: [[1, 1]",
        "options.events: expected equal lengths of events (3) and each entry of happened (2 or 3)",
    ),
    "a unit without a bias": (
        NOTES,
        "hidden_biases: [",
        "hidden_biases: [1, 1, 1, 1, 1, ",
        "options.hidden_biases: expected equal lengths of hidden_biases (",
    ),
    "groups that are not the runs": (
        NOTES,
        "groups: [[classifier, classifier-dropout]",
        "groups: [[classifier, classifier]",
        "options.groups: expected each run of the artefact once: classifier, classifier-dropout, ",
    ),
    "statistics of one number": (
        ASSETS,
        "grid: 16 #",
        "grid: 1 #",
        "key datasets.captions.options: grid: 1 with batch_statistics: true cannot be computed; change one of them",
    ),
    "statistics of one number in the sample": (
        ASSETS,
        "sample: {grid: 4, shown: 96, batch_statistics: false",
        "sample: {grid: 1, shown: 96, batch_statistics: true",
        "key datasets.captions.sample: grid: 1 with batch_statistics: true cannot be computed; change one of them",
    ),
    "symbols that do not fit into a byte": (
        ASSETS,
        "options: {symbols: 8",
        "options: {symbols: 129",
        "symbols: found 129, expected a whole number from 2 to 128",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_option_that_means_nothing_is_refused(tmp_path, case):
    file, old, new, said = WRONG[case]
    root = copy_config(tmp_path)
    change(root, file, old, new)
    assert refusal(root).startswith(f"{file}: key ")
    assert said in refusal(root)


def test_one_position_without_statistics_of_the_batch_is_right(tmp_path):
    root = copy_config(tmp_path)
    change(root, ASSETS, "grid: 16 #", "grid: 1 #")
    change(root, ASSETS, "batch_statistics: true #", "batch_statistics: false #")
    assert load_catalogue(root).dataset("full", "captions").options["grid"] == 1
