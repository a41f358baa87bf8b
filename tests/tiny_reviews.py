"""A small data set of generated reviews."""

from rework.datasets import labelled_texts, reviews
from rework.paths import dataset_dir, raw_dir
from rework.samples.reviews import generate
from rework.settings.data import DatasetSettings


def write_tiny_reviews(results, sample=True, count=60, words=12):
    """Write the data set ``reviews`` with ``count`` reviews of up to ``words`` words each, and return its folder."""
    raw, directory = raw_dir(results, "reviews"), dataset_dir(results, "reviews")
    generate(raw, 5, {"reviews": count})
    settings = DatasetSettings("reviews", sample, (), {"words": words, "reviews": count}, layout="texts")
    labelled_texts.write_dataset(directory, reviews.read(raw, settings), settings)
    return directory
