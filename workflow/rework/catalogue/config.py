"""``config/config.yaml`` as a typed, frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rework.catalogue.folders import configured_folder, configured_path, folder_of_data
from rework.settings.run import Precision

Edition = Literal["full", "sample"]
EDITIONS: tuple[Edition, ...] = ("full", "sample")


@dataclass(frozen=True)
class ReportConfig:
    """The report's statements about itself."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class Config:
    """``config/config.yaml`` with changes from the command line; paths are as written, relative to the repository."""

    edition: Edition
    data_dir: Path
    local_folders: tuple[Path, ...]
    offline: bool
    substitutes: tuple[Path, ...]
    device: Literal["auto", "cpu", "cuda"]
    gpu_slots: int
    cuda_graphs: bool
    warm_processes: bool
    precision: Precision
    global_seed: int
    seeds: tuple[int, ...]
    threads: int | None
    without: tuple[str, ...]
    writeup: str | None
    report: ReportConfig


def typed_config(table: Mapping[str, Any], shown: str) -> Config:
    """Return the configuration of a table that its schema allows.

    Args:
        table: the file's content with the changes of the command line.
        shown: what messages call the file.

    Raises:
        ConfigError: a folder or a path cannot be one; also of those in the variable ``REWORK_DATA``.
    """
    extra = os.environ.get("REWORK_DATA", "").split(os.pathsep)
    return Config(
        edition=table["edition"],
        data_dir=folder_of_data(table["data_dir"], f"{shown}: key data_dir"),
        local_folders=tuple(
            dict.fromkeys(
                [configured_folder(name, f"{shown}: key local_folders") for name in table["local_folders"]]
                + [configured_folder(name, "environment variable REWORK_DATA") for name in filter(None, extra)]
            )
        ),
        offline=table["offline"],
        substitutes=tuple(configured_path(name, f"{shown}: key substitutes") for name in table["substitutes"]),
        device=table["device"],
        gpu_slots=table["gpu_slots"],
        cuda_graphs=table["cuda_graphs"],
        warm_processes=table["warm_processes"],
        precision=table["precision"],
        global_seed=table["global_seed"],
        seeds=tuple(table["seeds"]),
        threads=None if table["threads"] == "auto" else table["threads"],
        without=tuple(table["without"]),
        writeup=table.get("writeup"),
        report=ReportConfig(**table["report"]),
    )
