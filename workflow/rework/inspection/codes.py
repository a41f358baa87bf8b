"""The codes of pictures, what a network's last layer reads, and a map on which similar codes are near each other."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from rework.inspection.stages import stages
from rework.inspection.subject import Subject

Floats = NDArray[np.float64]


def codes(subject: Subject, count: int) -> NDArray[np.float32]:
    """Return what the last layer with weights reads of the first ``count`` test pictures, shape (N, values).

    For an affine layer, these are the outputs of the activation function before it; for a convolution, the means of its
    input maps.
    """
    found = []
    for inputs in subject.batches(min(count, len(subject.test))):
        read = stages(subject, inputs)[-1].inputs
        found.append((read.mean(dim=(2, 3)) if read.ndim == 4 else read).numpy())
    return np.concatenate(found)


def tsne_map(vectors: NDArray[np.float32], seed: int, perplexity: float = 30.0) -> Floats:
    """Return places of vectors (N x values) in a plane, N x 2, by t-SNE, started from their principal components.

    Source: van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 9, 2008. With few vectors the perplexity is
    lowered to a quarter of their number.
    """
    from sklearn.manifold import TSNE  # takes half a second to import

    limited = min(perplexity, len(vectors) / 4)
    with threadpool_limits(1):  # the number of threads decides the last digits, and with them the map
        places = TSNE(init="pca", perplexity=limited, random_state=seed % 2**32).fit_transform(vectors)
    return np.asarray(places, dtype=np.float64)


def on_grid(places: Floats, columns: int) -> NDArray[np.int64]:
    """Return a cell of a grid for each place in a plane (N x 2), so that all move little: int N x 2, row and column.

    Each cell takes one place at most, and the sum of the squared distances is the least possible. Rows are counted from
    the top, where the second coordinate is greatest.
    """
    rows = -(-len(places) // columns)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.where(high > low, high - low, 1)
    cells = np.array([(row, column) for row in range(rows) for column in range(columns)])
    centres = np.stack([(cells[:, 1] + 0.5) / columns, 1 - (cells[:, 0] + 0.5) / rows], axis=1)
    _, chosen = linear_sum_assignment(cdist(scaled, centres, "sqeuclidean"))
    found: NDArray[np.int64] = cells[chosen]
    return found


def neighbour_agreement(vectors: NDArray[np.floating], labels: NDArray[np.int64], neighbours: int = 10) -> float:
    """Return which share of the nearest neighbours of the vectors (N x values) has the same label, on average."""
    nearest = np.asarray(cKDTree(vectors).query(vectors, k=neighbours + 1)[1])
    # A vector is its own nearest neighbour, unless others are equal to it.
    others = [row[row != number][:neighbours] for number, row in enumerate(nearest)]
    return float(np.mean([np.mean(labels[row] == labels[number]) for number, row in enumerate(others)]))
