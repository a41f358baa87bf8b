"""Gram matrices of a content and of a style picture, by layer (4.3)."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.drawing.transfers import gram_matrices
from rework.models.building import build_model
from rework.models.style_layers import NETWORKS, STYLE_LAYERS
from rework.settings.ranges import TwoOrMore
from rework.settings.run import RunSettings
from rework.training.determinism import make_deterministic
from rework.training.tasks.style_transfer import StyleTransfer, style_losses
from rework.training.tasks.task import load_task

Grams = tuple[NDArray[np.float64], ...]


@needs(runs=1, trained="style-transfer")
def gram_matrix(context: ArtefactContext, *, channels: TwoOrMore) -> Built:
    """Return the Gram matrices of the content and the style picture of the artefact's run.

    Args:
        context: the artefact, with the data set of the pictures.
        channels: how many channels of each layer to show, the strongest in the style picture.
    """
    task = _task(context)
    base = str(task.settings.model.parameters["base"])
    shown = {name: task.pictures[name] for name in ("content", "style")}
    grams: dict[str, Grams] = {name: tuple(one.double().numpy() for one in task.seen[name][1:]) for name in shown}
    losses = style_losses(task.seen["content"][1:], task.seen["style"][1:], task.sizes).tolist()
    chosen = [np.argsort(-np.diag(matrix), kind="stable")[:channels] for matrix in grams["style"]]
    parts = {
        name: [matrix[np.ix_(rows, rows)] for matrix, rows in zip(found, chosen, strict=True)]
        for name, found in grams.items()
    }
    layers = [NETWORKS[base].layers[part].name for part in STYLE_LAYERS]
    rows = [
        {
            "layer": part,
            "here": layer,
            "channels": len(grams["style"][place]),
            "positions": task.sizes[place] // len(grams["style"][place]),
            **{f"mean of the {name}": float(grams[name][place].mean()) for name in grams},
            "style loss": losses[place],
        }
        for place, (part, layer) in enumerate(zip(STYLE_LAYERS, layers, strict=True))
    ]
    return Built(
        caption=(
            f"Gram matrices of the content and the style picture in {NETWORKS[base].title}: "
            f"of each layer the {channels} channels that are strongest in the style picture, the strongest first, on "
            "one scale for both pictures. The size of a matrix is the number of channels, whatever the size of the "
            "picture. The table: the mean of all entries, and the style loss of the content picture in that layer, "
            "without weight."
        ),
        alt="Two rows of a picture and five square matrices of coloured cells, brighter where two channels go together",
        data=_long_form(parts, chosen),
        table=Table.of(
            pd.DataFrame(rows),
            Column("layer", "in the notes"),
            Column("here", NETWORKS[base].title),
            Column("channels", "channels", "right"),
            Column("positions", "positions", "right"),
            Column("mean of the content", "mean, content", "right", decimals=2),
            Column("mean of the style", "mean, style", "right", decimals=2),
            Column("style loss", "style loss", "right", decimals=3),
        ),
        figure=gram_matrices(
            [(name, picture, parts[name]) for name, picture in shown.items()],
            [f"{part}\n{layer}" for part, layer in zip(STYLE_LAYERS, layers, strict=True)],
        ),
        facts={"largest": STYLE_LAYERS[int(np.argmax(losses))]},
    )


def _task(context: ArtefactContext) -> StyleTransfer:
    """Return the task of the artefact's run with what its network sees in both pictures."""
    make_deterministic(threads=1)
    run = context.settings.runs[0]
    seed = run.seeds[0]
    settings = RunSettings.from_json(context.provenance(run.run, seed)["settings"])
    model = build_model(settings.model)
    model.load_state_dict({name: torch.tensor(one) for name, one in context.weights(run.run, seed).items()})
    context.pictures(run.dataset)  # so that the artefact's record has the file that the task reads
    task = load_task(settings, context.dataset(run.dataset), model)
    assert isinstance(task, StyleTransfer), "the run is one of style transfer"
    task.load(torch.device("cpu"), False, "evaluation")
    return task


def _long_form(parts: dict[str, list[NDArray[np.float64]]], chosen: list[NDArray[np.int64]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for name, matrices in parts.items():
        for part, matrix, channels in zip(STYLE_LAYERS, matrices, chosen, strict=True):
            one, other = np.meshgrid(channels, channels, indexing="ij")
            cells = zip(one.ravel().tolist(), other.ravel().tolist(), matrix.ravel().tolist(), strict=True)
            rows += [
                {"picture": name, "layer": part, "channel": a, "other channel": b, "value": round(value, 4)}
                for a, b, value in cells
                if a <= b
            ]
    return pd.DataFrame(rows)
