"""Results that are asked for by their path, held against the catalogue before Snakemake looks for a rule.

Snakemake says of a path that no rule makes nothing but that, and of one with another seed it makes a run that nobody
configured.
"""

import re
from collections.abc import Iterable

from rework.catalogue.catalogue import EDITIONS, Catalogue, Edition
from rework.errors import ConfigError
from rework.messages import unknown_name

_RUN = re.compile(r"runs/([^/]+)/([^/]+)/seed([^/]*)/[^/]+")
_ARTEFACT = re.compile(r"artefacts/([^/]+)/([^/]+)\.(?:json|csv|svg)")
_DATASET = re.compile(r"data/([^/]+)/[^/]+")


def check_targets(catalogue: Catalogue, words: Iterable[str]) -> None:
    """Refuse paths of results that the catalogue does not know; other words are left to Snakemake.

    Args:
        catalogue: the configuration.
        words: those of the command line.

    Raises:
        ConfigError: the edition, the run, its seed, the artefact or the data set of a path is not configured, or an
            artefact is not made.
    """
    for word in words:
        first, _, rest = word.removeprefix("./").partition("/")
        edition, _, path = rest.partition("/")
        if first == "results" and re.match(r"(?:runs|artefacts|data)/", path):
            if edition not in EDITIONS:
                raise ConfigError(f"target {word}: {unknown_name('edition', edition, EDITIONS)}")
            try:
                _check_path(catalogue, edition, path)
            except ConfigError as error:
                raise ConfigError(f"target {word}: {error}") from None


def _check_path(catalogue: Catalogue, edition: Edition, path: str) -> None:
    if run := _RUN.fullmatch(path):
        _check_run(catalogue, edition, *run.groups())
    elif artefact := _ARTEFACT.fullmatch(path):
        settings = catalogue.artefact(edition, f"{artefact[1]}/{artefact[2]}")
        if settings.not_run is not None:
            raise ConfigError(f"this artefact is not made: {settings.not_run}")
    elif dataset := _DATASET.fullmatch(path):
        catalogue.dataset(edition, dataset[1])


def _check_run(catalogue: Catalogue, edition: Edition, writeup: str, run: str, seed: str) -> None:
    catalogue.run(edition, writeup, run, 0)
    if lacking := catalogue.lacking(edition, (), (writeup, run)):
        raise ConfigError(f"run {run!r} needs {', '.join(lacking)}, which the key without of the configuration lists")
    seeds = [str(known) for known in catalogue.seeds(edition, writeup, run)]
    if seed not in seeds:
        raise ConfigError(
            f"run {run!r} of config/writeups/{writeup}.yaml has the seeds {', '.join(seeds)} in the {edition} edition, "
            f"not {seed}; name one of these, or add it to the run's `seeds`"
        )
