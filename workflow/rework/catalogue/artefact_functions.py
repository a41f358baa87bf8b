"""Which function makes an artefact, and whether the configuration fits it, without importing ``rework.artefacts``.

Everything that the configuration must agree with is in the header of an artefact's function: its options are its
keyword-only parameters, ``@needs`` says what it is made from, and ``@measures`` names the values that it measures. A
function that makes artefacts looks like this::

    @measures("{metrics}")
    @needs(runs=(1, ...), metrics="{metrics}")
    def accuracy_table(context: ArtefactContext, *, title: str, metrics: tuple[str, ...] = ("test_accuracy",)) -> Built:

It is named by ``make: accuracy-table``. Functions in a writeup's own folder take precedence over the recipes, and an
artefact without ``make`` is made by the function of its own name in the folder of its writeup.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rework.catalogue.artefact_inputs import Inputs, check_inputs
from rework.catalogue.headers import Parameter, header_texts, keyword_parameters, parsed_header
from rework.catalogue.hints import in_words
from rework.catalogue.signatures import checked_arguments
from rework.errors import ConfigError
from rework.measured_values import Measures
from rework.messages import short_text, unknown_name
from rework.needed_inputs import Needs
from rework.settings.artefact import PublishedValue

_WORKFLOW = Path(__file__).resolve().parents[2]
_ARTEFACTS = _WORKFLOW / "rework" / "artefacts"
RECIPES = _ARTEFACTS / "recipes"
_WHOLE_OPTION = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class ArtefactFunction:
    """The function that makes an artefact, as declared in its header; ``name`` is its dotted name."""

    name: str
    options: Mapping[str, Parameter]
    measures: Measures
    needs: Needs

    def all_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return options with the defaults of the others."""
        defaults = {name: option.default for name, option in self.options.items() if not option.required}
        return {**defaults, **options}


def writeup_folder(writeup: str) -> Path:
    """Return the folder of the functions that only one writeup needs; it may not exist."""
    return _ARTEFACTS / writeup.replace("-", "_")


def artefact_function(writeup: str, artefact: str, make: str | None, where: str) -> ArtefactFunction:
    """Return the function of an artefact.

    Args:
        writeup: the id of its writeup.
        artefact: its name.
        make: the key ``make`` in the configuration, if it is there.
        where: the file and the key of the artefact.

    Raises:
        ConfigError: there is no such function, a folder has two of them, or its header cannot be read.
    """
    folders = [writeup_folder(writeup)] if make is None else [writeup_folder(writeup), RECIPES]
    name = (make or artefact).replace("-", "_")
    homes = next((homes for folder in folders if (homes := artefact_makers(folder).get(name))), None)
    if homes is None:
        known = {function.replace("_", "-") for folder in folders for function in artefact_makers(folder)}
        if make is not None:
            raise ConfigError(f"{where}.make: {unknown_name('function', make, known)}")
        if name in artefact_makers(RECIPES):
            raise ConfigError(f"{where}: say make: {artefact} if this recipe makes it")
        raise ConfigError(
            f"{where}: without make or not_run its function must be in {_shown(folders[0])}: "
            f"{unknown_name('function', artefact, known)}"
        )
    if len(homes) > 1:
        raise ConfigError(f"{where}: {name} is a function of {' and of '.join(map(_shown, homes))}; rename one")
    try:
        return _read(homes[0], name)
    except (SyntaxError, KeyError, ValueError):
        raise ConfigError(f"{where}: the header of {name} in {_shown(homes[0])} cannot be read") from None


def check_published(
    published: Sequence[PublishedValue],
    function: ArtefactFunction,
    options: Mapping[str, Any],
    runs: Sequence[str],
    where: str,
) -> None:
    """Check that an artefact's function measures the values that were published.

    Raises:
        ConfigError: it does not measure the metric, or not under that key; ``where`` is the file and the values' key.
    """
    measured = function.measures.keys(function.all_options(options), runs)
    for value in published:
        if value.metric not in measured:
            raise ConfigError(f"{where}.metric: {unknown_name('metric', value.metric, measured)}")
        keys = measured[value.metric]
        if keys is not ... and value.key not in keys:
            kind = "value" if value.metric in function.measures.others else "run"
            raise ConfigError(f"{where}.values: {unknown_name(kind, value.key, keys)}")


@cache
def artefact_makers(folder: Path) -> Mapping[str, tuple[Path, ...]]:
    """Return the functions in a folder's modules that make artefacts, each with the modules that define it."""
    found: dict[str, tuple[Path, ...]] = {}
    for module in sorted(folder.glob("[a-z]*.py")):
        for name, text in header_texts(module).items():
            if _makes_artefacts(name, text):
                found[name] = (*found.get(name, ()), module)
    return found


def _makes_artefacts(name: str, header: str) -> bool:
    """Return whether a function is public, returns ``Built``, and takes only a context and keywords."""
    if name.startswith("_") or "-> Built:" not in header:
        return False
    try:
        arguments = parsed_header(header).args
    except SyntaxError:  # reported when an artefact names it
        return True
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)] == ["context"]


def _shown(path: Path) -> str:
    return f"workflow/{path.relative_to(_WORKFLOW).as_posix()}"


@cache
def _read(module: Path, name: str) -> ArtefactFunction:
    header = parsed_header(header_texts(module)[name])
    measures, needs = Measures(), Needs()
    for decorator in header.decorator_list:
        if isinstance(decorator, ast.Call):
            keywords = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in decorator.keywords}
            if ast.unparse(decorator.func) == "measures":
                measures = Measures(tuple(map(ast.literal_eval, decorator.args)), keywords)
            else:
                needs = Needs.of(**keywords)
    dotted = ".".join([*module.relative_to(_WORKFLOW).with_suffix("").parts, name])
    return ArtefactFunction(dotted, keyword_parameters(header), measures, needs)


def checked_artefact(
    writeup: str,
    artefact: str,
    entry: Mapping[str, Any],
    published: Sequence[PublishedValue],
    inputs: Inputs,
    where: str,
    sample: bool = False,
) -> tuple[str, dict[str, Any]]:
    """Check an artefact that is to be made against its function; return the function's name and its options.

    Args:
        writeup: id of its writeup.
        artefact: its name.
        entry: its table.
        published: its published values.
        inputs: its runs in this edition, and what else it is made from.
        where: the file and the key of the artefact, for messages.
        sample: whether it is that of the sample edition, whose options override the others.

    Raises:
        ConfigError: there is no such function, it takes other options or inputs, an option names a metric that a
            run lacks, or the function does not measure a published value.
    """
    function = artefact_function(writeup, artefact, entry.get("make"), where)
    own = entry.get("sample", {}) if sample else {}
    written, key = {**entry.get("options", {}), **own}, "sample" if sample else "options"
    options = checked_arguments(written, function.options, f"{where}.{key}", f"artefact {artefact!r}", "option")
    _check_lists(options, function.options, f"{where}.{key}")
    name = entry.get("make") or artefact
    check_inputs(function.needs, function.all_options(options), inputs, f"{name!r}", where)
    _check_metrics(function, options, inputs, where)
    check_published(published, function, options, list(inputs.runs), f"{where}.published")
    return function.name, options


def _check_lists(options: Mapping[str, Any], known: Mapping[str, Parameter], where: str) -> None:
    """Refuse empty lists and texts, with which nothing would be shown unless they are the default, and repetitions."""
    for name, value in options.items():
        if value in ([], "") and known[name].default not in ((), ""):
            raise ConfigError(f"{where}.{name}: found nothing, expected {in_words(known[name].annotation)}")
        texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
        if repeated := [text for text in texts if texts.count(text) > 1]:
            raise ConfigError(f"{where}.{name}: {short_text(repeated[0])} is listed twice; remove one")


def _check_metrics(function: ArtefactFunction, options: Mapping[str, Any], inputs: Inputs, where: str) -> None:
    """Check the options that name metrics, ``@measures("{metrics}")``, against what is measured of each run."""
    for option in filter(None, map(_WHOLE_OPTION.fullmatch, function.measures.of_runs)):
        name = option[1]
        for metric in options.get(name, function.options[name].default):
            for run in inputs.runs:
                if metric not in (known := inputs.measured(run)):
                    raise ConfigError(f"{where}.options.{name}: run {run!r}: {unknown_name('metric', metric, known)}")
