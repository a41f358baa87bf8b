"""Checking the configuration against its JSON Schema, with errors that say what to do.

A compiled check tells whether a file is right, in a tenth of the time that importing ``jsonschema`` takes; only if it
is wrong does ``jsonschema`` find out why.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from rework.catalogue.loading import load_yaml
from rework.catalogue.whole_numbers import make_whole
from rework.errors import ConfigError
from rework.messages import key_path, nearest, short_text, unknown_key

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
_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "a list of at least {}",
    "maxItems": "a list of at most {}",
    "minLength": "a text of at least {} characters",
    "uniqueItems": "every entry only once",
    "minProperties": "at least {} key",
    "pattern": "a text of the form {}",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema ``workflow/schemas/<name>.schema.yaml``."""
    return load_yaml(SCHEMAS / f"{name}.schema.yaml", f"workflow/schemas/{name}.schema.yaml")


def validate(value: Any, name: str, shown: str, part: str | None = None, prefix: str = "") -> None:
    """Check a parsed file against a schema, or a piece of a file against one of the schema's ``$defs``.

    Whole numbers that are written as 8.0 become 8 in ``value`` where the schema asks for a whole number: as a seed or a
    size, they would be another text, and so another random stream or name.

    Args:
        value: the parsed value.
        name: name of the schema.
        shown: name of the file in messages.
        part: one of the schema's ``$defs``, for a piece of a file.
        prefix: key of that piece in the file.

    Raises:
        ConfigError: it does not fit; the message names the file, the key, what was expected and, for an unknown key,
            the nearest valid one.
    """
    try:
        _compiled(name, part)(value)
    except fastjsonschema.JsonSchemaValueException as failure:
        raise ConfigError(f"{shown}: {_explain(value, _rules(name, part), prefix) or failure.message}") from None
    make_whole(value, _rules(name, part), schema(name).get("$defs", {}))


@cache
def _compiled(name: str, part: str | None) -> Callable[[Any], Any]:
    """Return a fast yes-or-no check: every Snakemake job reads the configuration, maybe with thousands of runs."""
    check: Callable[[Any], Any] = fastjsonschema.compile(_rules(name, part))
    return check


def _rules(name: str, part: str | None) -> dict[str, Any]:
    rules = schema(name)
    return rules if part is None else {"$ref": f"#/$defs/{part}", "$defs": rules["$defs"]}


def _explain(value: Any, rules: dict[str, Any], prefix: str) -> str | None:
    """Return one sentence on what is wrong with a value, or None if nothing is."""
    # Imported here because it takes a tenth of a second, and only a wrong file needs it.
    from jsonschema import Draft202012Validator

    errors = [leaf for error in Draft202012Validator(rules).iter_errors(value) for leaf in _leaves(error)]
    # A mistake in a block that others merge appears in each of them, and jsonschema lists them in no order.
    errors.sort(key=lambda error: _position(value, error.absolute_path))
    # The message for an unknown key is the most useful one, because a misspelling often causes the others.
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    # Among other mistakes, take the one nearest to the top of the file's tree, and then the first.
    chosen = unknown[:1] or sorted(errors, key=lambda error: len(error.absolute_path))[:1]
    return describe(chosen[0], prefix) if chosen else None


def _position(value: Any, path: Iterable[str | int]) -> list[int]:
    """Return the position of a path in a file: the index of each of its keys among the neighbours."""
    position = []
    for key in path:
        position.append(list(value).index(key) if isinstance(value, dict) else int(key))
        value = value[key]
    return position


def _leaves(error: Any) -> list[Any]:
    """Return the errors of a value; if it fits none of several forms, those of the only form that has its type."""
    if error.validator not in ("oneOf", "anyOf"):
        return [error]
    forms: dict[int, list[Any]] = {}
    for inner in error.context:
        forms.setdefault(inner.relative_schema_path[0], []).append(inner)
    same_type = [
        found
        for found in forms.values()
        if not any(inner.validator in ("type", "const") and not inner.relative_path for inner in found)
    ]
    return [leaf for inner in same_type[0] for leaf in _leaves(inner)] if len(same_type) == 1 else [error]


def describe(error: Any, prefix: str = "") -> str:
    """Return one sentence on a ``jsonschema`` error: the key, what was found and what was expected."""
    where = ".".join(filter(None, (prefix, key_path(error.absolute_path))))
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        key = sorted(set(error.instance) - set(known))[0]
        return unknown_key(f"{where}.{key}" if where else key, key, known)
    if error.validator == "required":
        key = next(name for name in error.validator_value if name not in error.instance)
        return f"key {where}.{key} is missing: {_purpose(error.schema, key)}".replace("key .", "key ")
    return f"key {where}: found {short_text(error.instance)}, expected {_expected(error)}"


def _expected(error: Any) -> str:
    """Return what a value should have been."""
    rule = error.validator_value
    if error.validator == "type":
        kinds = [rule] if isinstance(rule, str) else rule
        return " or ".join(_KINDS[kind] for kind in kinds)
    if error.validator == "enum":
        options = [str(option) for option in rule]
        return f"one of {', '.join(options)}" + nearest(str(error.instance), options)
    described: str | None = error.schema.get("description")
    if error.validator in ("oneOf", "anyOf", "pattern", "const") and described:
        return described
    return _LIMITS.get(error.validator, "something else ({})").format(rule)


def _purpose(parent: dict[str, Any], key: str) -> str:
    described = parent.get("properties", {}).get(key, {})
    return str(described.get("description") or _KINDS.get(str(described.get("type")), "a value"))
