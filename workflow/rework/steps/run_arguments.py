"""Arguments that the steps of a run share."""

import argparse

from rework.errors import ConfigError
from rework.settings.run import RunSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, writeup_and_name


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a run and a seed."""
    add_settings_arguments(parser, "run, as <writeup>/<run>")
    parser.add_argument("--seed", type=int, help="seed, one of the run's `seeds` (default: the first of them)")


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Return the settings of the run that the arguments name.

    Raises:
        ConfigError: there is no such run or seed, or the settings are not those of a run.
    """
    given = given_settings(arguments, RunSettings)
    if given is not None:
        return given
    writeup, run = writeup_and_name(arguments, "run")
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
