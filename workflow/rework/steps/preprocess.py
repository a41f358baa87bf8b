"""Turn the raw files of one data set into the files of its layout."""

import argparse
import importlib

from rework.datasets.layouts import LAYOUTS
from rework.paths import dataset_dir
from rework.provenance import origin
from rework.steps.arguments import results_dir
from rework.steps.raw_arguments import add_raw_arguments, dataset_and_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_raw_arguments(parser, "data set")


def main(arguments: argparse.Namespace) -> None:
    """Read the raw files with the data set's module, and write the data set with its layout's writer."""
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
