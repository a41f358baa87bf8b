"""Small data sets for recurrent networks: sequences with a marked symbol, and a generated text."""

from rework.datasets import anna_karenina, recall
from rework.datasets.store import write_dataset
from rework.paths import dataset_dir, raw_dir
from rework.samples.anna_karenina import generate
from rework.settings.data import DatasetSettings

COUNTS = {"train": 48, "validation": 12, "test": 5}


def write_tiny_sequences(results, sample=True, symbols=4, length=6, **counts):
    """Write the data set ``recall`` and return its folder."""
    options = {"symbols": symbols, "length": length, **COUNTS, **counts}
    settings = DatasetSettings("recall", sample, (), options, layout="sequences")
    directory = dataset_dir(results, "recall")
    write_dataset(directory, recall.read(raw_dir(results, "recall"), settings), settings)
    return directory


def write_tiny_text(results, sample=True, paragraphs=3):
    """Write the data set ``anna-karenina`` from a few generated paragraphs and return its folder."""
    raw, directory = raw_dir(results, "anna-karenina"), dataset_dir(results, "anna-karenina")
    generate(raw, 5, {"paragraphs": paragraphs})
    settings = DatasetSettings("anna-karenina", sample, (), {"paragraphs": paragraphs}, layout="characters")
    write_dataset(directory, anna_karenina.read(raw, settings), settings)
    return directory
