"""Check the configuration and list what it declares."""

import argparse

from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.config import EDITIONS
from rework.steps.arguments import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments: the step reads ``config/`` as it is."""
    del parser


def main(arguments: argparse.Namespace) -> None:
    """Print what each writeup declares; a wrong file ends the step with its error."""
    del arguments
    catalogue = load_catalogue(REPOSITORY)
    print(f"{'writeup':<18}{'artefacts':>10}{'to build':>14}{'trainings':>11}{'in the sample':>15}")
    for name in catalogue.writeups:
        artefacts = [catalogue.artefact("full", artefact) for artefact in catalogue.artefact_ids(name)]
        built = sum(artefact.not_run is None for artefact in artefacts)
        trainings = [len(catalogue.run_ids(edition, name)) for edition in EDITIONS]
        print(f"{name:<18}{len(artefacts):>10}{built:>14}{trainings[0]:>11}{trainings[1]:>15}")
    print(f"{'together':<18}{len(catalogue.artefact_ids()):>10}")
