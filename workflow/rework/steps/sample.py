"""Generate the embedded sample of one data set, in its official raw format."""

import argparse
import importlib

from rework.datasets.layouts import LAYOUTS
from rework.errors import ConfigError
from rework.files import sha256_file
from rework.paths import raw_dir, raw_files, raw_record
from rework.recorded import write_record
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, results_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step; by hand, the edition is ``sample`` unless said otherwise."""
    add_settings_arguments(parser, "data set")
    parser.set_defaults(edition="sample")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    given = given_settings(arguments, DatasetSettings)
    settings = load_catalogue().dataset("sample", arguments.name) if given is None else given
    if not settings.sample:
        raise ConfigError(f"sample: data set {settings.name} is that of the full edition, which is not generated")
    if LAYOUTS[settings.layout].drawn:
        raise ConfigError(f"sample: data set {settings.name} has no raw files; the step preprocess draws it")
    target = raw_dir(results_dir(arguments), settings.name)
    seed = derive_seed(settings.global_seed, "sample", settings.name)
    importlib.import_module(settings.sample_module).generate(target, seed, settings.options)
    outputs = {path.relative_to(target).as_posix(): sha256_file(path) for path in raw_files(target)}
    write_record(raw_record(results_dir(arguments), settings.name), {"name": settings.name, "outputs": outputs})
    print(f"{settings.name}: sample files in {target}", flush=True)
