"""Make one table, figure, number or set of claims."""

import argparse

from rework.artefacts.make import build_artefact
from rework.errors import ConfigError
from rework.settings.artefact import ArtefactSettings
from rework.steps.arguments import add_settings_arguments, load_catalogue, results_dir, settings_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "artefact, as <writeup>/<artefact>")


def main(arguments: argparse.Namespace) -> None:
    """Write the artefact's csv, its svg if it is a figure, and its sidecar."""
    value = settings_json(arguments)
    settings = (
        ArtefactSettings.from_json(value)
        if value is not None
        else load_catalogue().artefact(arguments.edition, arguments.name)
    )
    if settings.not_run is not None:
        raise ConfigError(f"{settings.id} is not made: {settings.not_run}")
    print(f"{settings.id}: {build_artefact(settings, results_dir(arguments))}")
