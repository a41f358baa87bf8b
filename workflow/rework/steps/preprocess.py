"""Turn the raw files of one data set into arrays on disk that map into memory."""

import argparse
import importlib

from rework.datasets.layouts import LAYOUTS
from rework.paths import dataset_dir
from rework.steps.arguments import results_dir
from rework.steps.raw_arguments import add_raw_arguments, dataset_and_files
from rework.steps.records import origin


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_raw_arguments(parser, "data set")


def main(arguments: argparse.Namespace) -> None:
    """Let the data set's module read the raw files, and the writer of its layout write the data set."""
    settings, raw, assets = dataset_and_files(arguments)
    layout = LAYOUTS[settings.layout]
    target = dataset_dir(results_dir(arguments), settings.name)
    found = importlib.import_module(layout.writer).write_dataset(
        target,
        importlib.import_module(settings.module).read(raw, settings),
        settings,
        assets=assets,
        provenance=origin("preprocess", layout.packages, settings.module, layout.writer),
    )
    print(f"{settings.name}: {found}, in {target}", flush=True)
