"""Trained runs that a user names on the command line, in whichever edition they exist."""

from dataclasses import dataclass
from pathlib import Path

from rework.errors import ConfigError, DataError
from rework.paths import run_dir
from rework.settings.data import DatasetSettings
from rework.settings.run import RunSettings
from rework.steps.arguments import REPOSITORY, load_catalogue

EDITIONS = ("full", "sample")


@dataclass(frozen=True)
class TrainedRun:
    """A trained run: its settings and weights, its data set, the results of its edition, the folder of raw files."""

    settings: RunSettings
    dataset: DatasetSettings
    results: Path
    weights: Path
    data_dir: Path

    @property
    def named(self) -> str:
        """Its name for readers, with seed, edition and, if the results are not in the current folder, their place."""
        place = f" in {self.results.parent}" if self.results.is_absolute() else ""
        return f"{self.settings.id}, seed {self.settings.seed}, {self.results.name} edition{place}"


def run_name(run: str) -> tuple[str, str]:
    """Return writeup and name of a run as it is named on the command line.

    Raises:
        ConfigError: it is not of the form <writeup>/<run>.
    """
    writeup, slash, name = run.partition("/")
    if not slash:
        raise ConfigError(f"--run: {run!r} is not of the form <writeup>/<run>")
    return writeup, name


def home_of_results() -> Path:
    """Return the current folder or, if it has no results, the repository that this library belongs to."""
    return Path() if Path("results").is_dir() else REPOSITORY


def editions(given: str | None) -> tuple[str, ...]:
    """Return the editions to look in, the first one first."""
    return EDITIONS if given is None else (given,)


def find_trained(run: str, edition: str | None, seed: int | None = None, task: str | None = None) -> TrainedRun:
    """Return a run (``writeup/run``), trained with a seed, of the first edition in which it is trained.

    Results are looked for in the current folder or, if that has none, in the repository that this library belongs to.

    Args:
        run: its name.
        edition: the only edition to look in, or None.
        seed: one of its seeds; None stands for the first.
        task: the task that it must have been trained for, if it matters.

    Raises:
        ConfigError: there is no such run, it has no such seed, or it has another task.
        DataError: it is trained in no edition; the message says how to train it.
    """
    writeup, name = run_name(run)
    catalogue = load_catalogue()
    home = home_of_results()
    wanted = 0
    for candidate in editions(edition):
        seeds = catalogue.seeds(candidate, writeup, name)
        wanted = seeds[0] if seed is None else seed
        settings: RunSettings = catalogue.run(candidate, writeup, name, wanted)
        if task is not None and (settings.task is None or settings.task.name != task):
            raise ConfigError(f"--run: {run} is not trained for the task {task!r}")
        weights = run_dir(home / "results" / candidate, writeup, name, wanted) / "weights.safetensors"
        if weights.is_file():
            dataset = catalogue.dataset(candidate, settings.data.dataset)
            data_dir = home / catalogue.config.data_dir
            return TrainedRun(settings, dataset, home / "results" / candidate, weights, data_dir)
    last = edition or EDITIONS[-1]
    if wanted not in seeds:
        known = ", ".join(map(str, seeds))
        raise ConfigError(f"--seed: {run} has the seeds {known} in the {last} edition, not {wanted}")
    target = f"results/{last}/runs/{run}/seed{wanted}/weights.safetensors"
    remark = "" if edition else " on generated data; for real data, replace 'sample' by 'full'"
    place = f" in {home}" if home == REPOSITORY else ""
    raise DataError(f"{run} is not trained yet{place}; 'snakemake --cores 2 {target}' trains it{place}{remark}")
