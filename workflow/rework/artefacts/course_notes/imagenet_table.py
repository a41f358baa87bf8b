"""Errors of 21 networks on ImageNet as the installed torchvision states them (figure 4). Nothing is measured here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torchvision
from torchvision.models import WeightsEnum, get_model_weights

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact

ERRORS = {"top_1_error": "acc@1", "top_5_error": "acc@5"}
"""What the notes call the errors, and how torchvision calls the accuracies, which are in per cent."""


@dataclass(frozen=True)
class Network:
    """A network with what torchvision says of its weights.

    Attributes:
        key: its name in the configuration.
        label: its name in the notes.
        file: beginning of the checksum of its first weights' file.
        parameters: how many numbers it has.
        errors: of its first weights, as shares.
        newer: of weights trained anew since, with another recipe; empty if there are none.
    """

    key: str
    label: str
    file: str
    parameters: int
    errors: Mapping[str, float]
    newer: Mapping[str, float]


def network_of(key: str, label: str, function: str) -> Network:
    """Return what torchvision says of a network, by the name of torchvision's function."""
    weights = get_model_weights(function)
    first = weights["IMAGENET1K_V1"]
    newer = "IMAGENET1K_V2" in weights.__members__
    file = first.url.rpartition("-")[2].removesuffix(".pth")
    return Network(
        key, label, file, first.meta["num_params"], errors(first), errors(weights["IMAGENET1K_V2"]) if newer else {}
    )


def errors(weights: WeightsEnum) -> dict[str, float]:
    """Return the errors of weights on ImageNet, as shares with the digits that torchvision states."""
    accuracies = weights.meta["_metrics"]["ImageNet-1K"]
    return {name: round(1 - accuracies[accuracy] / 100, 7) for name, accuracy in ERRORS.items()}


@measures(top_1_error=..., top_5_error=...)
def imagenet_table(context: ArtefactContext, *, networks: tuple[tuple[str, str, str, str], ...]) -> Built:
    """Return the errors of networks, from the metadata of the installed torchvision.

    Args:
        context: the artefact.
        networks: name in the configuration, name in the notes, torchvision's function, and the beginning of the
            checksum in the name of its weights' file when the notes were written.
    """
    del context
    found = [network_of(key, label, function) for key, label, function, _ in networks]
    before = {key: file for key, _, _, file in networks}
    data = pd.DataFrame([_row(network, before[network.key]) for network in found])
    same = [network.key for network in found if network.file == before[network.key]]
    version = torchvision.__version__.partition("+")[0]
    return Built(
        caption=(
            f"What torchvision {version} says about its weights: the checksum in the name of the file when the notes "
            "were written and now, the errors on ImageNet's validation pictures, and those of weights trained anew "
            f"since. Not measured here: the pictures are absent. {len(same)} of {len(found)} files are the same."
        ),
        data=data,
        values=tuple(
            Measured(network.key, metric, f"{network.label}, {_words(metric)}", exact(error), unit="%")
            for metric in ERRORS
            for network in found
            for error in [network.errors[metric]]
        ),
        table=Table.of(
            data,
            Column("network", "network"),
            Column("parameters", "million parameters", "right", decimals=1),
            Column("before", "file then", "right"),
            Column("file", "file now", "right"),
            Column("top_1_error", "top-1 error", "right", "%"),
            Column("top_5_error", "top-5 error", "right", "%"),
            Column("newer_top_1_error", "newer weights, top-1", "right", "%"),
            Column("newer_top_5_error", "top-5", "right", "%"),
        ),
        facts={
            "version": version,
            "same_files": same,
            "labels": {network.key: network.label for network in found},
            "newer": {network.label: dict(network.newer) for network in found if network.newer},
        },
    )


def _row(network: Network, before: str) -> dict[str, Any]:
    return {
        "network": network.label,
        "parameters": network.parameters / 1e6,
        "before": before,
        "file": "the same" if network.file == before else network.file,
        **network.errors,
        **{f"newer_{name}": network.newer.get(name) for name in ERRORS},
    }


def _words(metric: str) -> str:
    """Return the name of an error in words.

    >>> _words("top_1_error")
    'top-1 error'
    """
    return metric.replace("_", "-", 1).replace("_", " ")
