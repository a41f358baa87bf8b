"""What options name and only data or weights know: classes, tensors and numbers of examples, or one clear error."""

from collections.abc import Collection, Sequence
from typing import Any

from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.errors import ConfigError
from rework.messages import nearest, unknown_name

_LISTED = 30


def option_place(context: ArtefactContext, option: str) -> str:
    """Return where the configuration has an option of an artefact, for messages."""
    settings = context.settings
    return f"config/writeups/{settings.writeup}.yaml: key artefacts.{settings.name}.options.{option}"


def class_number(context: ArtefactContext, option: str, classes: Sequence[str], name: str) -> int:
    """Return the number of a class that an option names.

    Raises:
        ConfigError: there is no such class.
    """
    if name not in classes:
        raise ConfigError(f"{option_place(context, option)}: {unknown_name('class', name, classes)}")
    return list(classes).index(name)


def example_number(context: ArtefactContext, option: str, examples: int, number: int) -> int:
    """Return the number of an example that an option names.

    Raises:
        ConfigError: there are not so many examples.
    """
    if number >= examples:
        raise ConfigError(
            f"{option_place(context, option)}: found {number}, expected a number up to {examples - 1}: the test split "
            f"has {examples} examples, counted from 0"
        )
    return number


def tensor(context: ArtefactContext, option: str, run: str, name: str, dimensions: int | None = None) -> NDArray[Any]:
    """Return the trained tensor that an option names, of the first seed of a run.

    Args:
        context: the artefact.
        option: the name of the option.
        run: one of the artefact's runs.
        name: of the tensor.
        dimensions: how many it must have.

    Raises:
        ConfigError: there is no such tensor, or it has another number of dimensions.
    """
    tensors = context.weights(run, context.run(run).seeds[0])
    known = {key: one for key, one in tensors.items() if dimensions in (None, one.ndim)}
    if name not in known:
        kind = "tensor" if dimensions is None else f"tensor with {dimensions} dimensions"
        raise ConfigError(
            f"{option_place(context, option)}: run {run!r} has no {kind} {name!r}; {_some(known)}{nearest(name, known)}"
        )
    return known[name]


def _some(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"it has {shown or 'none'}{more}"
