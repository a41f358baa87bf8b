"""Compiling a trained network with AOTInductor, the successor of TorchScript outside Python."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from rework.deployment.conversions import root_of, words_of
from rework.deployment.programs import NotBuiltError

_SETTINGS = {"TORCHINDUCTOR_COMPILE_THREADS": "1"}


def compile_package(module: nn.Module, example: Tensor, target: Path) -> None:
    """Write a package (``.pt2``) of machine code for inputs of the example's shape.

    Args:
        module: in evaluation mode.
        example: a batch of inputs.
        target: the file to write; what is needed meanwhile is written beside it.

    Raises:
        NotBuiltError: this torch cannot compile it, or the compiler fails.
    """
    try:
        from torch._inductor import aoti_compile_and_package  # takes seconds to import

        with _environment(TORCHINDUCTOR_CACHE_DIR=str(target.parent / "inductor"), **_SETTINGS):
            program = torch.export.export(module, (example,))
            aoti_compile_and_package(program, package_path=str(target))
    # Its errors have no common class below Exception.
    except Exception as error:
        raise NotBuiltError(f"AOTInductor did not compile it ({words_of(root_of(error))}).") from None


def load_package(package: Path) -> Callable[[Tensor], Tensor]:
    """Return the compiled network, to be called from Python."""
    from torch._inductor import aoti_load_package

    loaded: Callable[[Tensor], Tensor] = aoti_load_package(str(package))
    return loaded


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
