"""A made-up data set of captions, small enough to train on in a test: features that tell what the captions speak of."""

import numpy as np
from rework.datasets.store import RawSplits, write_dataset
from rework.datasets.vocabulary import encode, vocabulary_of
from rework.paths import dataset_dir
from rework.settings.data import DatasetSettings

SIZES = {"train": 12, "validation": 5, "test": 6}
THINGS = {"houses": "houses", "ships": "ships", "bridges": "bridge", "fields": "field"}
FORMS = ("a picture of {}", "there is a {} near some trees", "{} can be seen in this aerial picture")


def write_tiny_captions(results, sample=True, grid=2, assets=(), contents=True, names=None, shown=16):
    """Write the data set ``captions`` and return its folder.

    Each picture shows one thing, which its features tell, and has as many captions as ``FORMS``, or one fewer.

    Args:
        results: the results folder of an edition.
        sample: whether the data are said to be embedded.
        grid: positions a side.
        assets: the records of assets.
        contents: whether the data set knows what is in its pictures.
        names: of the test pictures; by default, they are numbered on.
        shown: pixels a side of the small pictures.
    """
    random = np.random.default_rng(11)
    of_thing = random.normal(0, 0.3, (len(THINGS), grid * grid, 512))
    captions, things = {}, {}
    for split, count in SIZES.items():
        things[split] = [list(THINGS)[place % len(THINGS)] for place in range(count)]
        captions[split] = [
            [form.format(THINGS[thing]).split() for form in FORMS[: len(FORMS) - place % 2]]
            for place, thing in enumerate(things[split])
        ]
    words = vocabulary_of(caption for picture in captions["train"] for caption in picture)
    longest = 2 + max(len(caption) for split in captions.values() for picture in split for caption in picture)
    splits = {}
    for number, (split, pictures) in enumerate(captions.items()):
        every = [caption for picture in pictures for caption in picture]
        features = np.stack([of_thing[list(THINGS).index(thing)] for thing in things[split]])
        splits[split] = (
            (features + random.normal(0, 0.1, features.shape)).astype(np.float16),
            np.stack([encode(caption, words, longest) for caption in every]),
            np.repeat(np.arange(len(pictures)), [len(picture) for picture in pictures]),
            random.integers(0, 256, (len(pictures), 3, shown, shown), dtype=np.uint8),
            np.array([" ".join(caption) for caption in every]),
            np.array(
                list(names)
                if split == "test" and names is not None
                else [f"{100 * number + place}.tif" for place in range(len(pictures))]
            ),
            np.array([thing if contents else "" for thing in things[split]]),
        )
    directory = dataset_dir(results, "captions")
    settings = DatasetSettings("captions", sample, (), layout="captions")
    write_dataset(directory, RawSplits(splits, words), settings, assets=assets)
    return directory
