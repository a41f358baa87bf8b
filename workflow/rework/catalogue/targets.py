"""Files that are asked for by their path, held against the catalogue before Snakemake looks for a rule.

Snakemake says of a path that no rule makes nothing but that, knows a path by one spelling only, and of a run with
another seed it makes one that nobody configured.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rework import paths
from rework.catalogue.catalogue import Catalogue
from rework.catalogue.config import EDITIONS, Edition
from rework.catalogue.folders import RESULTS
from rework.catalogue.names import RESERVED
from rework.catalogue.near_paths import meant
from rework.catalogue.plan import Plan
from rework.datasets.layouts import LAYOUTS
from rework.errors import ConfigError
from rework.messages import nearest, unknown_name
from rework.recorded import PUBLISHED
from rework.shapes import printable

_RUN = re.compile(r"runs/([^/]+)/([^/]+)/seed([^/]*)/[^/]+")
_ARTEFACT = re.compile(r"artefacts/([^/]+)/([^/]+)\.(?:json|csv|svg)")
_DATASET = re.compile(r"data/([^/]+)/[^/]+")


def check_targets(catalogue: Catalogue, words: Iterable[str], *, alone: bool = True) -> None:
    """Refuse what the catalogue does not know; files of others are left to Snakemake.

    Args:
        catalogue: the configuration.
        words: the targets, and the files that are to be made again.
        alone: whether all rules are of this workflow, not of one that uses it as a module, whose files can be anywhere.

    Raises:
        ConfigError: a path of the results or the raw files is of none that a rule makes, or is spelled otherwise than
            Snakemake knows it, or a word is nearly the name of a target.
    """
    for word in words:
        try:
            if "/" in word.rstrip("/") or word.rstrip("/") == RESULTS:
                _check_file(catalogue, word, alone)
            elif alone:
                _check_name(catalogue, word)
        except ConfigError as error:
            raise ConfigError(f"target {printable(word)}: {error}") from None


def _check_name(catalogue: Catalogue, word: str) -> None:
    """Refuse a word that looks like a misspelt name of a rule, and is neither one nor a file."""
    names = {*RESERVED, *catalogue.writeups, *(f"preprocess_{layout}" for layout in LAYOUTS)}
    near = nearest(word.rstrip("/").lower(), names)
    if near and word not in names and not os.path.lexists(word):
        raise ConfigError(f"there is no such target{near}")


def _check_file(catalogue: Catalogue, word: str, alone: bool) -> None:
    spelled = _spelled(word)
    if not _is_of_ours(catalogue, spelled):
        return
    first, _, rest = spelled.partition("/")
    edition, _, path = rest.partition("/")
    # Snakemake takes a relative path in any spelling, but an absolute one as it is.
    if spelled in _files(catalogue, (edition,)) and (spelled == word or not Path(word).is_absolute()):
        return
    files = _files(catalogue, EDITIONS)
    same = next((file for file in files if file.lower() == spelled.lower()), None)
    if same is not None:
        raise ConfigError(f"Snakemake knows it as {same}: write it so")
    if first == RESULTS and edition == PUBLISHED:
        raise ConfigError(
            "no rule makes published results; 'snakemake publish --config writeup=NAME' copies them there"
        )
    if first == RESULTS and re.match(r"(?:runs|artefacts|data)/", path):
        if edition not in EDITIONS:
            raise ConfigError(unknown_name("edition", edition, EDITIONS))
        _check_parts(catalogue, edition, path)
    if not alone or Path(spelled).is_file():
        return
    inside = next((file for file in files if file.lower().startswith(f"{spelled.lower()}/")), None)
    if inside is not None:
        raise ConfigError(f"it is a folder, and targets are files, such as {inside}")
    raise ConfigError(f"no rule makes it; {meant(spelled, files)}")


def _spelled(word: str) -> str:
    """Return a path as Snakemake knows it: from the current folder, if it is in there, and without detours."""
    absolute = Path(os.path.abspath(word))  # noqa: PTH100 - links stay, but .. goes
    for folder in (absolute, *absolute.parents):
        with suppress(OSError):
            if folder.samefile(Path.cwd()):
                return str(absolute.relative_to(folder))
    return str(absolute) if Path(word).is_absolute() else os.path.relpath(word)


def _is_of_ours(catalogue: Catalogue, spelled: str) -> bool:
    """Return whether a path is in the results or among the raw files, by a name that is right or nearly so."""
    first, *others = Path(spelled).parts
    if first.lower() == RESULTS or (nearest(first, [RESULTS]) and not Path(first).exists()):
        return others[:1] != ["logs"]
    return Path(spelled).is_relative_to(catalogue.config.data_dir)


def _files(catalogue: Catalogue, editions: Iterable[str]) -> dict[str, None]:
    """Return the results of editions that rules make, the folders of generated raw files, and the raw files."""
    found: list[str] = []
    for edition in EDITIONS:
        if edition in editions:
            found += sorted(map(str, Plan(catalogue, edition, Path(RESULTS) / edition).all_files()))
    found += (str(paths.raw_dir(Path(RESULTS) / "sample", name)) for name in catalogue.dataset_names())
    found += (str(catalogue.config.data_dir / asset.file) for asset in catalogue.assets.values())
    return dict.fromkeys(found)


def _check_parts(catalogue: Catalogue, edition: Edition, path: str) -> None:
    """Raise an error about the first part of a path in an edition that is not configured."""
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
