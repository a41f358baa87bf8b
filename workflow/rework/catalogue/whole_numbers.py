"""Whole numbers that YAML reads as 8.0, where a JSON Schema asks for a whole number; the schema itself allows both."""

from collections.abc import Iterator, Mapping
from typing import Any


def make_whole(value: Any, rules: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
    """Replace such numbers in a value that fits its schema, in place.

    Args:
        value: what YAML was read as.
        rules: its schema.
        definitions: what the schema's references refer to.
    """
    if isinstance(value, dict | list):
        for form in _forms(rules, definitions):
            for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
                inner = _inner(form, key)
                if isinstance(part, dict | list):
                    make_whole(part, inner, definitions)
                elif isinstance(part, float) and part.is_integer() and _asks_for_whole(inner, definitions):
                    value[key] = int(part)


def _forms(rules: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and the alternatives in it, without references."""
    while "$ref" in rules:
        rules = definitions[rules["$ref"].rpartition("/")[2]]
    yield rules
    for form in (*rules.get("oneOf", ()), *rules.get("anyOf", ())):
        yield from _forms(form, definitions)


def _inner(form: Mapping[str, Any], key: str | int) -> Mapping[str, Any]:
    """Return the schema of a part."""
    if isinstance(key, int):
        found = form.get("items", {})
    else:
        found = form.get("properties", {}).get(key, form.get("additionalProperties", {}))
    return found if isinstance(found, Mapping) else {}


def _asks_for_whole(rules: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    kinds = [form.get("type") for form in _forms(rules, definitions)]
    return any(kind == "integer" or (isinstance(kind, list) and "integer" in kind) for kind in kinds)
