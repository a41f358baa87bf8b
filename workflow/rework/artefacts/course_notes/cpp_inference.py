"""Trained networks loaded and run by small C++ programs, with TorchScript and AOTInductor (sections 7.3 and 7.4)."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
import torch
from torch import Tensor, nn

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.trained_runs import TrainedNetwork, trained_networks
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.deployment.compiled import compile_package, load_package
from rework.deployment.conversions import (
    greatest_difference,
    in_words,
    save_traced,
    torch_version,
    torchscript_missing,
)
from rework.deployment.programs import SOURCES, NotBuiltError, Program, build, configure, find_tools, run, version
from rework.settings.ranges import Count

TORCHSCRIPT, PACKAGE, COMPILED = "TorchScript, from C++", "AOTInductor, from C++", "AOTInductor, from Python"
LEFT_OUT = "AOTInductor is left out of this edition, because it compiles for half a minute a network."

SUFFIXES: Mapping[Program, str] = {"torchscript": ".pt", "aotinductor": ".pt2"}
"""Of the files that the programs load."""
LISTED = ("torchscript.cpp", "aotinductor.cpp")


@dataclass(frozen=True)
class Row:
    """One comparison with the network in Python.

    Attributes:
        network: the label of its run.
        seed: of its training.
        way: how it was run.
        pictures: how many it was given.
        difference: the greatest one, relative to the number where that is above 1; None if it was not run.
        outcome: what came out, or why it was not run, in words.
    """

    network: str
    seed: int
    way: str
    pictures: int
    difference: float | None
    outcome: str


@measures(max_difference=("max_difference", "aotinductor"))
@needs(runs=(1, ...), trained="classification", layout="examples")
def cpp_inference(
    context: ArtefactContext, *, pictures: Count, ways: tuple[Literal["torchscript", "aotinductor"], ...]
) -> Built:
    """Save the networks of the artefact's runs, run them from C++, and compare what is printed with Python's numbers.

    Args:
        context: the artefact.
        pictures: how many test pictures each network is given.
        ways: what networks are saved with; AOTInductor, which takes longest, saves that of each run's first seed.
    """
    with tempfile.TemporaryDirectory(prefix="rework-") as name:
        workshop = _workshop(ways, Path(name))
        rows = [row for network in trained_networks(context, pictures) for row in _of_network(network, workshop)]
    data = pd.DataFrame([asdict(row) for row in rows])
    greatest = {way: _greatest(rows, way) for way in (TORCHSCRIPT, PACKAGE, COMPILED)}
    measured = (("max_difference", TORCHSCRIPT, "greatest difference"), ("aotinductor", PACKAGE, "with AOTInductor"))
    return Built(
        caption=(
            "Trained networks run by small C++ programs beside the same networks in Python: the greatest difference of "
            f"the outputs for {pictures} test pictures, relative to the number where that is above 1. {workshop.told} "
            "A program reads the saved network and the pictures from files and prints nine significant digits, which "
            "name a number in single precision exactly."
        ),
        data=data,
        values=tuple(
            Measured(key, "max_difference", label, exact(found))
            for key, way, label in measured
            if (found := greatest[way]) is not None
        ),
        table=Table.of(
            _by_network(data),
            Column("network", "network"),
            Column("way", "saved with, and run"),
            Column("trainings", "trainings", "right"),
            Column("outcome", "greatest difference"),
        ),
        facts={
            "greatest": greatest,
            "not_run": next((row.outcome for row in rows if row.difference is None), ""),
            "compared": int(data["difference"].notna().sum()),
            "equal": int((data["difference"] == 0).sum()),
            "sources": {name: (SOURCES / name).read_text(encoding="utf-8") for name in LISTED},
        },
        not_run=next((row.outcome for row in rows if row.way == TORCHSCRIPT and row.difference is None), ""),
    )


@dataclass(frozen=True)
class _Workshop:
    """Where programs are built.

    Attributes:
        folder: for temporary files.
        programs: those that were built.
        reasons: why the others were not, in a sentence each.
        told: with what they were built, in a sentence.
    """

    folder: Path
    programs: Mapping[Program, Path]
    reasons: Mapping[Program, str]
    told: str


def _workshop(ways: Sequence[Program], folder: Path) -> _Workshop:
    """Build a program for each way that is possible here."""
    reasons = {way: LEFT_OUT for way in SUFFIXES if way not in ways}
    if missing := torchscript_missing():
        reasons["torchscript"] = missing
    built: dict[Program, Path] = {}
    told = ""
    for way in (way for way in SUFFIXES if way not in reasons):
        try:
            tools = find_tools()
            configure(tools, folder / "build")
            built[way] = build(way, tools, folder / "build")
            told = f"Built by {version(tools)} against PyTorch {torch_version()}."
        except NotBuiltError as error:
            reasons[way] = str(error)
    return _Workshop(folder, built, reasons, told)


def _of_network(network: TrainedNetwork, workshop: _Workshop) -> Iterator[Row]:
    """Yield what a network gives in each way; AOTInductor gets only that of the run's first seed."""
    yield _row(network, TORCHSCRIPT, lambda: _from_cpp("torchscript", save_traced, network, workshop))
    if network.seed == network.run.seeds[0]:
        yield _row(network, PACKAGE, lambda: _from_cpp("aotinductor", compile_package, network, workshop))
        yield _row(network, COMPILED, lambda: _from_python(network, workshop))


def _row(network: TrainedNetwork, way: str, outputs: Callable[[], Tensor]) -> Row:
    shared = (network.run.label, network.seed, way, len(network.inputs))
    try:
        difference = greatest_difference(outputs(), network.outputs)
    except NotBuiltError as error:
        return Row(*shared, None, str(error))
    return Row(*shared, difference, in_words(difference))


def _from_cpp(
    way: Program, save: Callable[[nn.Module, Tensor, Path], None], network: TrainedNetwork, workshop: _Workshop
) -> Tensor:
    """Return what the program of a way prints for a network that is saved for it first."""
    if way in workshop.reasons:
        raise NotBuiltError(workshop.reasons[way])
    saved = _file(way, network, workshop)
    save(network.model, network.inputs, saved)
    return torch.from_numpy(run(workshop.programs[way], saved, network.inputs.numpy()))


def _from_python(network: TrainedNetwork, workshop: _Workshop) -> Tensor:
    """Return what the package gives that was compiled for the C++ program."""
    saved = _file("aotinductor", network, workshop)
    if not saved.is_file():
        raise NotBuiltError(workshop.reasons.get("aotinductor", "It was not compiled."))
    with torch.no_grad():
        return load_package(saved)(network.inputs)


def _file(way: Program, network: TrainedNetwork, workshop: _Workshop) -> Path:
    return workshop.folder / f"{network.run.run}-{network.seed}{SUFFIXES[way]}"


def _greatest(rows: Sequence[Row], way: str) -> float | None:
    """Return the greatest difference in one way, or None if it was not run for some network."""
    found = [row.difference for row in rows if row.way == way]
    return None if None in found else max(number for number in found if number is not None)


def _by_network(data: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each network and way: the seed with the greatest difference, and how many there are."""
    ranked = data.assign(rank=data["difference"].fillna(float("inf")))
    counts = data.groupby(["network", "way"], sort=False).size().rename("trainings")
    worst = ranked.sort_values("rank", ascending=False, kind="stable").drop_duplicates(["network", "way"]).sort_index()
    worst["outcome"] = worst["outcome"].where(worst["difference"].notna(), "not run: " + worst["outcome"])
    return worst.join(counts, on=["network", "way"])
