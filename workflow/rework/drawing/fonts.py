"""The fonts of plots and report, from the Node packages installed by ``make setup``."""

from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from rework.errors import ReportError
from rework.files import atomic_path

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGES = REPOSITORY / "report" / "node_modules" / "@fontsource"
CONVERTED = REPOSITORY / ".cache" / "fonts"
PLOT_WEIGHTS = (400, 600)
# The space that follows a symbol, which Pango takes from the symbol's font; Greek, letter-like symbols, arrows,
# mathematical operators, and shapes.
SYMBOLS = (
    (0x0020, 0x0020),
    (0x0370, 0x03FF),
    (0x2010, 0x2015),
    (0x2030, 0x2044),
    (0x2070, 0x209C),
    (0x2100, 0x214F),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x25A0, 0x25FF),
)


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
        # Otherwise it would contain the time of conversion, and the PDFs of two checkouts would differ.
        font = TTFont(source, recalcTimestamp=False)
        font.flavor = None
        with atomic_path(converted) as partial:
            font.save(partial)
    return converted


def symbol_file() -> Path:
    """Return DejaVu Sans, as matplotlib ships it, reduced to the symbols that the latin subsets of the others lack."""
    import matplotlib as mpl

    source = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    cut = CONVERTED / "dejavu-symbols-and-space.woff2"
    if not cut.is_file():
        options = subset.Options(flavor="woff2", notdef_outline=True)
        font = subset.load_font(source, options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[code for first, last in SYMBOLS for code in range(first, last + 1)])
        cutter.subset(font)
        with atomic_path(cut) as partial:
            subset.save_font(font, str(partial), options)
    return cut


@cache
def register_for_matplotlib() -> str:
    """Make Inter known to matplotlib and return its family name.

    DejaVu Sans, which has the symbols that Inter lacks, has no face of the weight of titles. Its bold one stands for
    it, as matplotlib would choose too, but with a warning.
    """
    import matplotlib as mpl
    from matplotlib.font_manager import FontEntry, fontManager

    for weight in PLOT_WEIGHTS:
        fontManager.addfont(true_type_file("inter", weight))
    bold = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    fontManager.ttflist.append(FontEntry(fname=str(bold), name="DejaVu Sans", weight=PLOT_WEIGHTS[1], size="scalable"))
    return "Inter"
