"""The pictures that activate the units of a layer most."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rework.inspection.stages import stages
from rework.inspection.subject import Subject


@dataclass(frozen=True)
class Strongest:
    """The test pictures that activate each unit of a layer most, the strongest first.

    A unit of a convolution is one of its channels; its activation on a picture is the largest in its map.

    Attributes:
        layer: the layer.
        pictures: positions in the test split, int units x top.
        values: activations, float units x top.
        places: row and column of each in its map, int units x top x 2; zeros for affine layers.
    """

    layer: str
    pictures: NDArray[np.int64]
    values: NDArray[np.float32]
    places: NDArray[np.int64]


def strongest(subject: Subject, layers: tuple[str, ...], top: int, count: int | None = None) -> tuple[Strongest, ...]:
    """Return the ``top`` pictures of each unit of some layers, among the first ``count`` test pictures (None: all).

    Of pictures that activate a unit equally, the earlier ones come first.

    Raises:
        ConfigError: the network has no such layer.
    """
    total = len(subject.test) if count is None else min(count, len(subject.test))
    values: dict[str, list[NDArray[np.float32]]] = {layer: [] for layer in layers}
    positions: dict[str, list[NDArray[np.int64]]] = {layer: [] for layer in layers}
    widths: dict[str, int] = {}
    for inputs in subject.batches(total):
        for stage in stages(subject, inputs, layers):
            maps = stage.outputs.flatten(start_dim=2) if stage.outputs.ndim == 4 else stage.outputs[..., None]
            largest, where = maps.max(dim=2)
            values[stage.layer].append(largest.numpy())
            positions[stage.layer].append(where.numpy())
            widths[stage.layer] = stage.outputs.shape[-1] if stage.outputs.ndim == 4 else 1
    found = []
    for layer in layers:
        all_values, all_positions = np.concatenate(values[layer]), np.concatenate(positions[layer])
        best = np.argsort(-all_values, axis=0, kind="stable")[:top].T
        units = np.arange(len(best))[:, None]
        places = np.stack(np.divmod(all_positions[best, units], widths[layer]), axis=-1)
        found.append(Strongest(layer, best, all_values[best, units], places))
    return tuple(found)


def seen_by(subject: Subject, found: Strongest, unit: int) -> NDArray[np.int64]:
    """Return the part of each of a unit's strongest pictures on which its activation depends.

    These are the pixels whose change would change it, by the gradient: bounds (top, bottom, left, right) with the
    second and fourth excluded, int top x 4; zeros where the activation depends on none, as that of a silent unit.
    """
    rows = torch.from_numpy(found.pictures[unit])
    inputs = subject.test.take(rows)[0].requires_grad_()
    (stage,) = stages(subject, inputs, (found.layer,))
    examples = torch.arange(len(rows))
    if stage.outputs.ndim == 4:
        where = torch.from_numpy(found.places[unit])
        activations = stage.outputs[examples, unit, where[:, 0], where[:, 1]]
    else:
        activations = stage.outputs[examples, unit]
    (gradient,) = torch.autograd.grad(activations.sum(), inputs)
    touched = (gradient != 0).any(dim=1).numpy()
    return np.array([_bounds(picture) for picture in touched], dtype=np.int64)


def _bounds(touched: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
