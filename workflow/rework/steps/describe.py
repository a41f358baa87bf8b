"""Step ``describe``: list the layers, shapes and parameters of one model that is not trained."""

import argparse

from rework.errors import ConfigError
from rework.files import write_json
from rework.models.building import build_model, input_shape
from rework.models.description import describe_layers, parameter_count
from rework.paths import model_description
from rework.settings.plain import plain
from rework.settings.run import ModelSettings
from rework.steps.arguments import add_settings_arguments, load_catalogue, results_dir, settings_json
from rework.steps.records import origin


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "model, as <writeup>/<model>")


def main(arguments: argparse.Namespace) -> None:
    """Write ``models/<writeup>/<model>.json``."""
    writeup, name, settings = _settings(arguments)
    model = build_model(settings)
    destination = model_description(results_dir(arguments), writeup, name)
    write_json(
        destination,
        {
            "model": plain(settings),
            "input_shape": list(input_shape(model)),
            "layers": [plain(layer) for layer in describe_layers(model)],
            "parameters": parameter_count(model),
            "provenance": origin("describe", settings.module),
        },
    )
    print(f"{writeup}/{name}: {parameter_count(model)} parameters, in {destination}")


def _settings(arguments: argparse.Namespace) -> tuple[str, str, ModelSettings]:
    value = settings_json(arguments)
    if value is not None:
        return value["writeup"], value["name"], ModelSettings(**value["model"])
    writeup, slash, name = arguments.name.partition("/")
    if not slash:
        raise ConfigError(f"describe: {arguments.name!r} is not of the form <writeup>/<model>")
    return writeup, name, load_catalogue().model(writeup, name)
