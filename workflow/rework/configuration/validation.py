"""Configuration held against its JSON Schema, with errors that say what to do."""

import difflib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rework.configuration.loading import load_yaml
from rework.errors import ConfigError

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
_KINDS = {
    "object": "keys with values",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema ``workflow/schemas/<name>.schema.yaml``."""
    return load_yaml(SCHEMAS / f"{name}.schema.yaml", f"workflow/schemas/{name}.schema.yaml")


def validate(value: Any, name: str, shown: str, part: str | None = None) -> None:
    """Hold a parsed file against a schema, or a piece of one against that ``part`` of its ``$defs``.

    Raises:
        ConfigError: it does not fit; the message names the file, the key, what was expected, and for an unknown key the
            nearest valid one.
    """
    # Imported here: it takes a tenth of a second, and only what reads configuration files needs it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    rules = schema(name)
    if part is not None:
        rules = {"$ref": f"#/$defs/{part}", "$defs": rules["$defs"]}
    validator = Draft202012Validator(rules)
    # The message for an unknown key is the most useful one, because a misspelling often causes the others.
    errors = list(validator.iter_errors(value))
    if not errors:
        return
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    error = unknown[0] if unknown else best_match(errors)
    assert error is not None
    raise ConfigError(f"{shown}: {describe(error)}")


def describe(error: Any) -> str:
    """Return one sentence about a ``jsonschema`` error: the key, what was found, what was expected."""
    where = key_path(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        key = sorted(set(error.instance) - set(known))[0]
        return unknown_key(f"{where}.{key}" if where else key, key, known)
    if error.validator == "required":
        key = next(name for name in error.validator_value if name not in error.instance)
        return f"key {where or 'file'}: {key!r} is missing; expected {_purpose(error.schema, key)}"
    found = f"key {where}: found {error.instance!r}, expected "
    if error.validator == "type":
        kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return found + " or ".join(_KINDS[kind] for kind in kinds)
    if error.validator == "enum":
        options = [str(option) for option in error.validator_value]
        return found + f"one of {', '.join(options)}" + _nearest(str(error.instance), options)
    if error.validator in ("oneOf", "anyOf"):
        expected = error.schema.get("description", "another form")
        return f"{found}{expected}"
    limits = {
        "minimum": "at least {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "exclusiveMaximum": "less than {}",
        "minItems": "at least {} entries",
        "minLength": "at least {} characters",
        "uniqueItems": "every entry only once",
        "minProperties": "at least {} keys",
        "pattern": "a text of the form {}",
    }
    if error.validator in limits:
        return f"{found}{limits[error.validator].format(error.validator_value)}"
    return f"key {where}: {error.message}"


def unknown_key(where: str, key: str, known: Iterable[str]) -> str:
    """Return the sentence about a key that does not exist, with the nearest that does."""
    names = sorted(known)
    return f"key {where}: unknown key {key!r}; expected one of {', '.join(names)}{_nearest(key, names)}"


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return the phrase about a reference to something that is not declared, with the nearest that is."""
    names = sorted(known)
    return f"unknown {what} {name!r}; expected one of {', '.join(names) or 'none (none is declared)'}" + _nearest(
        name, names
    )


def key_path(parts: Sequence[str | int]) -> str:
    """Return a dotted path, with positions in lists in brackets."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _purpose(parent: dict[str, Any], key: str) -> str:
    described = parent.get("properties", {}).get(key, {})
    return str(described.get("description") or _KINDS.get(str(described.get("type")), "a value"))
