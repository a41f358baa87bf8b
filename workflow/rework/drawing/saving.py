"""Figures in files of their own, as commands write them for a user."""

import io
import logging
from pathlib import Path

from matplotlib.figure import Figure

from rework.drawing.style import plot_style
from rework.errors import ConfigError, DataError
from rework.files import write_bytes

SUFFIXES = (".png", ".svg", ".pdf")
DOTS = 200  # per inch, of a PNG


def check_target(path: Path, option: str) -> None:
    """Refuse the name of a figure before anything is computed for it.

    Raises:
        ConfigError: its suffix is none of ``SUFFIXES``; ``option`` names where it was given.
        DataError: its folder does not exist.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{option}: {path} should end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    if not path.parent.is_dir():
        raise DataError(f"{path.parent}: no such folder")


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure on white, in the format that the suffix names."""
    # The font for letters that the report's lacks has no semibold face, which matplotlib would tell of for each text.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    content = io.BytesIO()
    with plot_style():
        figure.savefig(content, format=path.suffix.lower()[1:], dpi=DOTS, facecolor="white")
    write_bytes(path, content.getvalue())
