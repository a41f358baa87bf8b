"""Settings of assets (downloaded files) and of the data sets made from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rework.settings.plain import Settings, freeze


@dataclass(frozen=True)
class AssetSettings(Settings):
    """A downloaded file: where it can be found and how it is recognised.

    ``sha256`` is None only if no official checksum is known; the first download then records one, which must begin
    with ``sha256_start`` if that much is known. ``substitute`` is the overlay's sentence about another file used in
    its place; published values are judged with that file only if it is ``comparable``.
    """

    id: str
    file: str
    urls: tuple[str, ...]
    sha256: str | None
    bytes: int | None
    licence: str
    citation: str
    sha256_start: str = ""
    substitute: str | None = None
    comparable: bool = True


@dataclass(frozen=True)
class DatasetSettings(Settings):
    """A data set of one edition: its raw files and its options.

    ``name`` with dashes as underscores is a module of ``rework.datasets`` (and, for ``sample``, the generator of its
    raw files is the module of that name in ``rework.samples``). ``options`` are for that module. ``layout`` is a key
    of ``rework.datasets.layouts.LAYOUTS``.
    """

    name: str
    sample: bool
    assets: tuple[AssetSettings, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    global_seed: int = 0
    layout: str = "examples"

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", freeze(self.options))

    @property
    def module(self) -> str:
        """Dotted name of the module that reads and splits the raw files."""
        return f"rework.datasets.{self.name.replace('-', '_')}"

    @property
    def sample_module(self) -> str:
        """Dotted name of the module that generates raw files for the sample edition."""
        return f"rework.samples.{self.name.replace('-', '_')}"
