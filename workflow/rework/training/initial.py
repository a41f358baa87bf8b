"""Loading the weights that a training starts with."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from rework.errors import ConfigError, DataError
from rework.settings.run import InitialSettings


def load_initial(model: nn.Module, settings: InitialSettings, path: Path) -> None:
    """Load all weights of one submodule from a file, and freeze the submodule if the settings say so.

    Args:
        model: the model, changed in place.
        settings: which submodule.
        path: a safetensors file with the names of the whole model; weights outside the submodule are ignored.

    Raises:
        ConfigError: the model has no such submodule, or the submodule has no parameters.
        DataError: the file is damaged, or its tensors do not match the submodule.
    """
    part = dict(model.named_modules()).get(settings.part)
    if part is None or not list(part.parameters()):
        names = [name for name, child in model.named_children() if list(child.parameters())]
        raise ConfigError(f"initial.part: no submodule {settings.part!r} with parameters; expected {', '.join(names)}")
    prefix = f"{settings.part}."
    try:
        tensors = load_file(path)
        part.load_state_dict(
            {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        )
    except (SafetensorError, RuntimeError) as error:
        raise DataError(f"{path}: not weights of {settings.part!r} of this model ({error})") from None
    if settings.frozen:
        part.requires_grad_(False)
