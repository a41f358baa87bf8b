"""TeX formulas as SVG, with one MathJax process for all that are not in the cache."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rework.drawing.fonts import REPOSITORY
from rework.errors import ReportError
from rework.files import sha256_text, write_text

SCRIPT = REPOSITORY / "report" / "typeset.mjs"
LOCK = REPOSITORY / "report" / "package-lock.json"
CACHE = REPOSITORY / ".cache" / "formulas"
_STYLE = re.compile(r'<svg style="([^"]*)"')


@dataclass(frozen=True)
class Formula:
    """A formula in TeX; ``display`` formulas are on a separate line."""

    tex: str
    display: bool


@dataclass(frozen=True)
class TypesetFormula:
    """A formula as a standalone SVG, and the style that aligns it with the text."""

    formula: Formula
    svg: str
    style: str


def typeset(formulas: Sequence[Formula], cache: Path = CACHE) -> dict[Formula, TypesetFormula]:
    """Return each formula typeset.

    Raises:
        ReportError: a formula is wrong (the message names it), or the Node packages are missing.
    """
    wanted = list(dict.fromkeys(formulas))
    version = sha256_text(SCRIPT.read_text(encoding="utf-8") + LOCK.read_text(encoding="utf-8"))
    files = {formula: cache / f"{sha256_text(f'{version}{formula.display}{formula.tex}')}.svg" for formula in wanted}
    missing = [formula for formula in wanted if not files[formula].is_file()]
    if missing:
        for formula, svg in zip(missing, _run_mathjax(missing), strict=True):
            write_text(files[formula], svg)
    return {formula: _parse(formula, files[formula].read_text(encoding="utf-8")) for formula in wanted}


def _run_mathjax(formulas: Sequence[Formula]) -> list[str]:
    if not (SCRIPT.parent / "node_modules" / "@mathjax").is_dir():
        raise ReportError("MathJax is missing in report/node_modules; run 'make setup', which installs Node packages")
    node = Path(sys.executable).with_name("node")
    request = json.dumps([{"tex": formula.tex, "display": formula.display} for formula in formulas])
    try:
        # The program and its argument are fixed; the formulas travel on standard input.
        answer = subprocess.run(  # noqa: S603
            [str(node) if node.exists() else "node", str(SCRIPT)],
            input=request,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    except FileNotFoundError:
        raise ReportError("node is missing; run 'make setup', which installs it into .venv") from None
    except subprocess.CalledProcessError as error:
        raise ReportError(f"MathJax failed: {error.stderr.strip()}") from None
    results = json.loads(answer.stdout)
    for formula, result in zip(formulas, results, strict=True):
        if "error" in result:
            raise ReportError(f"the formula {formula.tex!r} cannot be typeset: {result['error']}")
    return [result["svg"] for result in results]


def _parse(formula: Formula, svg: str) -> TypesetFormula:
    found = _STYLE.match(svg)
    style = found[1] if found else ""
    plain = _STYLE.sub("<svg", svg, count=1) if found else svg
    # The picture also contains the TeX of each part, which nobody reads there.
    plain = re.sub(r' data-(?:latex|mml-node|c|mjx-texclass|mjx-[a-z-]+)="[^"]*"', "", plain)
    return TypesetFormula(formula, plain, style)
