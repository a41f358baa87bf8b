"""The fonts of plots and report, from the Node packages that set-up installs."""

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from rework.errors import ReportError
from rework.files import atomic_path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = REPOSITORY / "report" / "node_modules" / "@fontsource"
CONVERTED = REPOSITORY / ".cache" / "fonts"
PLOT_WEIGHTS = (400, 600)


def woff2_file(family: str, weight: int, style: str = "normal", subset: str = "latin") -> Path:
    """Return the woff2 file of a face, for example of family ``inter``.

    Raises:
        ReportError: the Node packages are not installed.
    """
    path = PACKAGES / family / "files" / f"{family}-{subset}-{weight}-{style}.woff2"
    if not path.is_file():
        raise ReportError(
            f"the font file {path.relative_to(REPOSITORY)} is missing; run 'make setup', which installs Node packages"
        )
    return path


def true_type_file(family: str, weight: int) -> Path:
    """Return a face as a TrueType file, which matplotlib reads; it is converted once."""
    source = woff2_file(family, weight)
    converted = CONVERTED / f"{source.stem}.ttf"
    if not converted.is_file():
        font = TTFont(source)
        font.flavor = None
        with atomic_path(converted) as partial:
            font.save(partial)
    return converted


@cache
def register_for_matplotlib() -> str:
    """Make Inter known to matplotlib and return its family name."""
    from matplotlib import font_manager

    for weight in PLOT_WEIGHTS:
        font_manager.fontManager.addfont(true_type_file("inter", weight))
    return "Inter"
