"""Step ``describe``: list the layers, shapes and parameters of one model that is not trained."""

import argparse
from dataclasses import dataclass

from rework.models.building import build_model, input_shape
from rework.models.description import describe_layers, parameter_count
from rework.paths import model_description
from rework.provenance import origin
from rework.recorded import write_record
from rework.settings.plain import Settings, plain
from rework.settings.run import ModelSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, results_dir, writeup_and_name


@dataclass(frozen=True)
class DescribedModel(Settings):
    """A model that a writeup describes, with its name in the configuration."""

    writeup: str
    name: str
    model: ModelSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "model, as <writeup>/<model>")


def main(arguments: argparse.Namespace) -> None:
    """Write ``models/<writeup>/<model>.json``."""
    settings = _settings(arguments)
    model = build_model(settings.model)
    destination = model_description(results_dir(arguments), settings.writeup, settings.name)
    write_record(
        destination,
        {
            "model": plain(settings.model),
            "input_shape": list(input_shape(model)),
            "layers": [plain(layer) for layer in describe_layers(model)],
            "parameters": parameter_count(model),
            "provenance": origin("describe", "training", settings.model.module),
        },
    )
    print(f"{settings.writeup}/{settings.name}: {parameter_count(model)} parameters, in {destination}")


def _settings(arguments: argparse.Namespace) -> DescribedModel:
    given = given_settings(arguments, DescribedModel)
    if given is not None:
        return given
    writeup, name = writeup_and_name(arguments, "model")
    return DescribedModel(writeup, name, load_catalogue().model(writeup, name))
