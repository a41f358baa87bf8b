"""Bag of visual words with a spatial pyramid, the rival of the scene network in nist36, Q6.1.4.

Every pixel gets a vector of filter responses; k-means groups those of the training pictures into visual words; a
picture is described by histograms of its words in cells of three sizes, and gets the class of the training picture with
the largest histogram intersection. Source: Lazebnik, Schmid and Ponce, Beyond Bags of Features, CVPR 2006; the writeup
gives no settings.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.color import rgb2lab
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from rework.datasets.layouts import SPLITS
from rework.datasets.store import StoredDataset
from rework.engines.fitted import Fitted, Report
from rework.errors import ConfigError
from rework.evaluation.metrics import accuracy
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Positive, Side
from rework.settings.run import RunSettings

LAYOUTS: tuple[str, ...] = ("examples",)
NEEDS: tuple[str, ...] = ()
OPTIONS: tuple[str, ...] = ()
LOSSES: tuple[str, ...] = ()
METRICS: Mapping[str, tuple[str, str]] = {
    "validation_accuracy": ("share", "higher"),
    "test_accuracy": ("share", "higher"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ()
PROBES: tuple[str, ...] = ()
ITEM: str = "picture"
HEADLINE: str = "test_accuracy"

FINEST = 4  # cells per side of the finest level of the pyramid
LEVEL_WEIGHTS = {1: 0.25, 2: 0.25, 4: 0.5}  # by cells per side, as in the paper: finer matches weigh more
# Orders of a Gaussian's derivatives by row and column: itself, both first ones, the two that sum to the Laplacian.
_ORDERS = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2))
_AT_ONCE = 32  # pictures whose responses are held in memory

_Floats = NDArray[np.float32]


def fit(
    settings: RunSettings,
    dataset: StoredDataset,
    report: Report,
    *,
    words: Count = 150,
    pixels_per_picture: Count = 50,
    scales: tuple[Positive, ...] = (1, 2, 4, 8),
    shrink: Side = 2,
) -> Fitted:
    """Build the vocabulary from the training split, and classify the validation and test splits.

    Args:
        settings: the run; its seed decides which pixels are drawn and where k-means starts.
        dataset: colour pictures.
        report: called after each part of the work.
        words: size of the vocabulary.
        pixels_per_picture: how many pixels of each training picture k-means sees.
        scales: standard deviations of the filters, in pixels of the reduced picture.
        shrink: factor by which pictures are reduced first.

    Raises:
        ConfigError: the pictures do not have three channels, or cells of the pyramid would be empty.
    """
    shape = dataset.splits["train"].inputs.shape
    if shape[1] != 3 or min(shape[2:]) < FINEST * shrink:
        raise ConfigError(f"{settings.id}: bag-of-words needs colour pictures larger than {shape[1:]}")
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "words")
    with threadpool_limits(settings.threads):
        drawn = sample_responses(dataset.splits["train"].inputs, pixels_per_picture, scales, shrink, seed)
        report(1, f"{len(drawn)} responses of {drawn.shape[1]} filters")
        vocabulary = MiniBatchKMeans(words, random_state=seed % 2**32, n_init=3, batch_size=4096).fit(drawn)
        report(2, f"{words} words")
        centres = vocabulary.cluster_centers_.astype(np.float32)
        histograms = {name: pyramids(dataset.splits[name].inputs, centres, scales, shrink) for name in SPLITS}
    report(3, f"histograms of {sum(map(len, histograms.values()))} pictures")
    targets = {name: np.asarray(dataset.splits[name].targets) for name in SPLITS}
    labels = {name: targets["train"][nearest(histograms[name], histograms["train"])] for name in ("validation", "test")}
    return Fitted(
        weights={"words": centres, "train.histograms": histograms["train"], "train.targets": targets["train"]},
        history=(),
        steps=0,
        parameters=centres.size,
        metrics={
            f"{name}_accuracy": (accuracy(labels[name], targets[name]), len(targets[name]))
            for name in ("validation", "test")
        },
        predictions={"predictions": labels["test"], "targets": targets["test"]},
    )


def filter_responses(pictures: NDArray[np.uint8], scales: tuple[float, ...], shrink: int) -> _Floats:
    """Return the responses of every pixel, shape (N, H / shrink, W / shrink, 4 filters x scales x 3 channels).

    The channels are those of the CIE Lab space; the filters are, at each scale, a Gaussian, its Laplacian, and its
    derivatives by row and column.
    """
    lab = rgb2lab(_shrunk(pictures, shrink)).astype(np.float32)
    responses = []
    for scale in scales:
        smooth, down, across, down_twice, across_twice = (
            gaussian_filter(lab, scale, order=(0, *order, 0), axes=(0, 1, 2, 3), radius=_radius(scale))
            for order in _ORDERS
        )
        # Derivatives shrink as the scale grows; these factors make them comparable.
        responses += [smooth, scale * down, scale * across, scale**2 * (down_twice + across_twice)]
    return np.concatenate(responses, axis=-1)


def sample_responses(
    pictures: NDArray[np.uint8], per_picture: int, scales: tuple[float, ...], shrink: int, seed: int
) -> _Floats:
    """Return the responses at random pixels of each picture, shape (N x per_picture, filters)."""
    generator = np.random.default_rng(seed)
    parts = []
    for chunk in _chunks(pictures):
        responses = filter_responses(chunk, scales, shrink)
        flat = responses.reshape(len(chunk), -1, responses.shape[-1])
        pixels = generator.integers(flat.shape[1], size=(len(chunk), per_picture))
        parts.append(np.take_along_axis(flat, pixels[:, :, None], axis=1).reshape(-1, flat.shape[2]))
    return np.concatenate(parts)


def pyramids(pictures: NDArray[np.uint8], centres: _Floats, scales: tuple[float, ...], shrink: int) -> _Floats:
    """Return a row per picture: its word histograms in the cells of the pyramid, weighted to sum to 1."""
    parts = []
    for chunk in _chunks(pictures):
        responses = filter_responses(chunk, scales, shrink)
        parts.append(pyramid_histograms(nearest_words(responses, centres), len(centres)))
    return np.concatenate(parts)


def nearest_words(responses: _Floats, centres: _Floats) -> NDArray[np.int64]:
    """Return the number of the nearest centre of each response, shape (N, H, W)."""
    # |r - c|^2 without |r|^2, which is the same for every centre.
    distances = (centres**2).sum(1) - 2 * (responses.reshape(-1, responses.shape[-1]) @ centres.T)
    labels: NDArray[np.int64] = distances.argmin(axis=1).reshape(responses.shape[:-1]).astype(np.int64)
    return labels


def pyramid_histograms(words: NDArray[np.int64], count: int) -> _Floats:
    """Return weighted histograms of word maps (N, H, W), shape (N, 21 x count).

    A map is cut into 1, 4 and 16 cells. The histograms of a level sum to its weight, and a row sums to 1.
    """
    pictures, height, width = words.shape
    rows = np.arange(height) * FINEST // height
    columns = np.arange(width) * FINEST // width
    cells = rows[:, None] * FINEST + columns[None, :]
    places = (np.arange(pictures)[:, None, None] * FINEST**2 + cells) * count + words
    finest = np.bincount(places.ravel(), minlength=pictures * FINEST**2 * count)
    finest = finest.reshape(pictures, FINEST, FINEST, count) / (height * width)
    levels = []
    for side, weight in LEVEL_WEIGHTS.items():
        step = FINEST // side
        level = finest.reshape(pictures, side, step, side, step, count).sum(axis=(2, 4))
        levels.append(weight * level.reshape(pictures, -1))
    return np.concatenate(levels, axis=1).astype(np.float32)


def nearest(histograms: _Floats, known: _Floats) -> NDArray[np.int64]:
    """Return, for each histogram, the index of the known one with the largest intersection, shape (N,)."""
    # Row by row: doing all at once would need N x M x 21 x words values.
    best = [int(np.minimum(row, known).sum(axis=1).argmax()) for row in histograms]
    return np.array(best, dtype=np.int64)


def _shrunk(pictures: NDArray[np.uint8], shrink: int) -> _Floats:
    """Return pictures N x C x H x W as N x H / shrink x W / shrink x C in 0..1, averaging squares of pixels."""
    height, width = (size // shrink * shrink for size in pictures.shape[2:])
    cut = pictures[:, :, :height, :width].astype(np.float32) / 255
    squares = cut.reshape(*cut.shape[:2], height // shrink, shrink, width // shrink, shrink).mean(axis=(3, 5))
    shrunk: _Floats = squares.transpose(0, 2, 3, 1)
    return shrunk


def _radius(scale: float) -> tuple[int, int, int, int]:
    """Return how far the filter reaches along pictures, rows, columns and channels."""
    reach = round(3 * scale)
    return (0, reach, reach, 0)


def _chunks(pictures: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(pictures), _AT_ONCE):
        yield np.asarray(pictures[start : start + _AT_ONCE])
