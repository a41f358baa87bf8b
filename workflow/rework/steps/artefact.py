"""Make one table, figure, number or set of claims."""

import argparse

from rework.artefacts.make import build_artefact
from rework.errors import ConfigError
from rework.settings.artefact import ArtefactSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, results_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "artefact, as <writeup>/<artefact>")


def main(arguments: argparse.Namespace) -> None:
    """Write the artefact's csv, its svg if it is a figure, and its sidecar."""
    given = given_settings(arguments, ArtefactSettings)
    settings = load_catalogue().artefact(arguments.edition, arguments.name) if given is None else given
    if settings.not_run is not None:
        raise ConfigError(f"{settings.id} is not made: {settings.not_run}")
    print(f"{settings.id}: {build_artefact(settings, results_dir(arguments))}")
