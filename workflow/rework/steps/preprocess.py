"""Turn the raw files of one data set into arrays on disk that map into memory."""

import argparse
import importlib

from rework.datasets.store import open_dataset, write_dataset
from rework.paths import dataset_dir
from rework.provenance import code_fingerprint, packages_hash
from rework.steps.arguments import results_dir
from rework.steps.raw_arguments import add_raw_arguments, dataset_and_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_raw_arguments(parser, "data set")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    settings, raw, assets = dataset_and_files(arguments)
    results = results_dir(arguments)
    target = dataset_dir(results, settings.name)
    write_dataset(
        target,
        importlib.import_module(settings.module).read(raw, settings),
        settings,
        assets=assets,
        provenance={
            "step": "preprocess",
            "code": code_fingerprint("rework.steps.preprocess", settings.module),
            "packages": packages_hash("data"),
        },
    )
    splits = open_dataset(target).splits
    counts = ", ".join(f"{name} {len(split.targets)}" for name, split in splits.items())
    print(f"{settings.name}: {counts}, in {target}", flush=True)
