"""Words that settings, artefacts and the report put together in the same way."""


def plural(count: int, word: str) -> str:
    """Return a count with its word, as in "1 seed" or "3 seeds"."""
    return f"{count} {word}" + ("" if count == 1 else "s")
