"""The report as HTML: the same templates for the browser and for the PDF."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.exceptions import UndefinedError
from markupsafe import Markup, escape

from rework import paths
from rework.drawing.fonts import REPOSITORY, symbol_file, woff2_file
from rework.errors import ReportError
from rework.evaluation.verdicts import RULES
from rework.recorded import verified_sha256
from rework.report import figures, marks
from rework.report.anchor import manifest_sha256, whole_manifest
from rework.report.collect import Report
from rework.report.formatting import FILTERS
from rework.report.formulas import Formula, TypesetFormula, typeset
from rework.report.listings import listing, syntax_css
from rework.report.one_runs import one_runs
from rework.report.parts import MARK
from rework.report.sources import WORDS
from rework.report.summary import summary_groups
from rework.report.tables import shown_values

Mode = Literal["pdf", "html"]
FOLDER = REPOSITORY / "report"
FACES = (
    ("Inter", "inter", 400, "normal"),
    ("Inter", "inter", 600, "normal"),
    ("Source Serif", "source-serif-4", 400, "normal"),
    ("Source Serif", "source-serif-4", 400, "italic"),
    ("Source Serif", "source-serif-4", 600, "normal"),
    ("JetBrains Mono", "jetbrains-mono", 400, "normal"),
)
_PLACE = re.compile("\x02(\\d+)\x03")


def render(report: Report, mode: Mode, metrics: str) -> str:
    """Return the report as one HTML document without references to anything outside it.

    Args:
        report: the content of the report.
        mode: ``html`` for browsers, ``pdf`` for WeasyPrint.
        metrics: content of ``metrics.csv``, which the browser page offers for download.

    Raises:
        ReportError: a template names an artefact or fact that does not exist, or a formula is wrong.
    """
    formulas: list[Formula] = []
    environment = _environment(report, mode, formulas)
    template = environment.get_template("templates/report.html.j2")
    try:
        text = template.render(
            report=report,
            mode=mode,
            css=_css(mode),
            manifest_sha256=manifest_sha256(whole_manifest(report, metrics)),
            metrics_base64=base64.b64encode(metrics.encode()).decode(),
            chapter_template=lambda writeup: _chapter_template(environment, writeup),
        )
    except UndefinedError as error:
        raise ReportError(f"a template of the report names something that is not there: {error.message}") from error
    typeset_formulas = typeset(formulas)
    return _PLACE.sub(lambda match: _formula(typeset_formulas[formulas[int(match[1])]], mode), text)


def _environment(report: Report, mode: Mode, formulas: list[Formula]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def tex(text: str, display: bool = False) -> Markup:
        # Formulas are typeset together after the page is rendered; this marks the place of one.
        formulas.append(Formula(text.strip(), display))
        return Markup("\x02{}\x03").format(len(formulas) - 1)

    @cache
    def checked(artefact: str) -> Path:
        # A drawing becomes a part of the page, so only the one that was recorded is read.
        path = paths.artefact_file(report.results, artefact, "svg")
        verified_sha256(path)
        return path

    def drawing(entry: dict[str, Any]) -> Markup:
        return figures.plot(checked(entry["id"]), entry["id"], entry["alt"], inline=mode == "html")

    def shape(entry: dict[str, Any]) -> str:
        return figures.shape(checked(entry["id"]))

    environment.globals.update(
        tex=tex,
        policy=content_policy,
        shape=shape,
        drawing=drawing,
        one_runs=one_runs(report),
        part_mark=MARK if mode == "pdf" else "",
        substitute=_substitute_notes(),
        mark=marks.mark,
        deviation=marks.deviation,
        verdict_bar=marks.verdict_bar,
        shown_values=shown_values,
        summary_groups=summary_groups,
        listing=listing,
        colours=marks.COLOURS,
        rules=RULES,
        source_words=WORDS,
    )
    environment.filters.update(FILTERS)
    return environment


def content_policy(script: str) -> str:
    """Return the content security policy of the page: its own script, styles, and data inside of it; no address.

    So what a name or a text of a result might smuggle into the page neither runs nor reaches the network.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'"
    )


def _substitute_notes() -> Callable[[dict[str, Any], str], Markup]:
    """Return the function that tells an artefact's reader of a substitute: in full at its first place in a chapter."""
    told: dict[tuple[str, str], tuple[str, str]] = {}

    def substitute(entry: dict[str, Any], sentence: str) -> Markup:
        key = (entry["writeup"], sentence)
        if key in told:
            return Markup('<strong class="warn">substitute</strong>, see <a href="#{}">{}</a>').format(*told[key])
        told[key] = (f"substitute-{len(told) + 1}", entry["label"])
        return Markup('<strong class="warn">substitute:</strong> <span id="{}">{}</span>').format(
            told[key][0], sentence
        )

    return substitute


def _chapter_template(environment: Environment, writeup: str) -> str:
    """Return the template of a writeup's chapter, or the one that only lists its artefacts."""
    name = f"chapters/{writeup}.html.j2"
    try:
        environment.get_template(name)
    except TemplateNotFound:
        return "templates/listed.html.j2"
    return name


def _formula(formula: TypesetFormula, mode: Mode) -> str:
    tex = formula.formula.tex
    kind = "formula display" if formula.formula.display else "formula"
    if mode == "pdf":
        svg = formula.svg.replace("currentColor", figures.INK)
        return str(figures.image(svg, f"Formula: {tex}", formula.style, kind))
    return formula.svg.replace(
        "<svg", f'<svg class="{kind}" style="{formula.style}" aria-label="Formula: {escape(tex)}"', 1
    )


def _css(mode: Mode) -> Markup:
    parts = [_faces(), *_style_sheets(mode), syntax_css()]
    return Markup("\n".join(parts))  # noqa: S704 - our own files


def _style_sheets(mode: Mode) -> list[str]:
    names = ("report.css", "print.css" if mode == "pdf" else "screen.css")
    return [(FOLDER / "css" / name).read_text(encoding="utf-8") for name in names]


def _faces() -> str:
    files = [(family, weight, style, woff2_file(package, weight, style)) for family, package, weight, style in FACES]
    # Last in every list of fonts, for characters that the others lack.
    files.append(("DejaVu Sans", 400, "normal", symbol_file()))
    return "\n".join(_face(*file) for file in files)


def _face(family: str, weight: int, style: str, path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode()
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};'
        f'src:url("data:font/woff2;base64,{content}") format("woff2")}}'
    )
