"""Arguments that the steps of a run share."""

import argparse

from rework.errors import ConfigError
from rework.settings.run import RunSettings
from rework.steps.arguments import add_settings_arguments, load_catalogue, settings_json


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a run and a seed."""
    add_settings_arguments(parser, "run, as <writeup>/<run>")
    parser.add_argument("--seed", type=int, help="seed, one of the run's `seeds` (default: the first of them)")


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings of the run that the arguments name.

    Raises:
        ConfigError: there is no such run or seed, or the settings are not those of a run.
    """
    value = settings_json(arguments)
    if value is not None:
        try:
            return RunSettings.from_json(value)
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{arguments.step}: --settings are not the settings of a run ({error})") from None
    writeup, slash, run = arguments.name.partition("/")
    if not slash:
        raise ConfigError(f"{arguments.step}: {arguments.name!r} is not of the form <writeup>/<run>")
    catalogue = load_catalogue()
    seeds: tuple[int, ...] = catalogue.seeds(arguments.edition, writeup, run)
    seed = seeds[0] if arguments.seed is None else arguments.seed
    if seed not in seeds:
        known = ", ".join(map(str, seeds))
        raise ConfigError(
            f"config/writeups/{writeup}.yaml: run {run!r} has the seeds {known} in the {arguments.edition} edition, "
            f"not {seed}; name one of these with --seed, or add it to the run's `seeds`"
        )
    settings: RunSettings = catalogue.run(arguments.edition, writeup, run, seed)
    return settings
