"""The paths in the configuration, checked before anything is read or written there."""

import os
from pathlib import Path

from rework.errors import ConfigError
from rework.messages import short_text

RESULTS = "results"


def configured_path(text: str, where: str) -> Path:
    """Return a path with the user's home folder in place of ``~``.

    Args:
        text: the path as it was written.
        where: the source and the key, for messages.

    Raises:
        ConfigError: it holds a control character, or the home folder of an unknown user.
    """
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise ConfigError(f"{where}: {short_text(text)} holds a line break or another control character")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        user = Path(text).parts[0]
        raise ConfigError(
            f"{where}: {short_text(text)}: no home folder is known for {user}; write the whole path"
        ) from None


def configured_folder(text: str, where: str) -> Path:
    """Return the path of a folder, which need not exist.

    Raises:
        ConfigError: see ``configured_path``; or a file has this name, or the system does not take the name.
    """
    path = configured_path(text, where)
    try:
        in_the_way = next((place for place in (path, *path.parents) if place.is_file()), None)
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise ConfigError(f"{where}: {short_text(text)}: {error.strerror}") from None
    if in_the_way is not None:
        raise ConfigError(f"{where}: {in_the_way} is a file, expected a folder")
    if (nowhere := next((place for place in (path, *path.parents) if _leads_nowhere(place)), None)) is not None:
        raise ConfigError(f"{where}: {nowhere} is a link that leads to nothing, expected a folder")
    return path


def folder_of_data(text: str, where: str) -> Path:
    """Return the folder of raw files.

    Raises:
        ConfigError: see ``configured_folder``; or it is inside of the results, where everything may be deleted, or
            holds them, by whatever name.
    """
    path = configured_folder(text, where)
    # Not Path.resolve, which fails for links in a circle.
    results, real = Path(os.path.realpath(RESULTS)), Path(os.path.realpath(path))
    if real.is_relative_to(results):
        raise ConfigError(f"{where}: {path} is in {results}, where all is made anew; expected a folder of its own")
    if results.is_relative_to(real):
        raise ConfigError(f"{where}: {path} holds {results}, where all is made anew; expected a folder of its own")
    return path


def _leads_nowhere(place: Path) -> bool:
    return place.is_symlink() and not place.exists()
