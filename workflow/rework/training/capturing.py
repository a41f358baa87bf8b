"""Activations of named layers on chosen images, for figures."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.models.description import check_layers
from rework.settings.run import CaptureSettings
from rework.training.batches import Split


def capture_activations(model: nn.Module, split: Split, capture: CaptureSettings) -> dict[str, NDArray[np.float32]]:
    """Return the output of each layer of ``capture.layers`` on the images ``capture.images`` of a split.

    Each array has shape (images, *output of the layer), for a convolution (images, C, H, W).

    Raises:
        ConfigError: the model has no such layer, or the split no such image.
    """
    modules = dict(model.named_modules())
    check_layers(model, capture.layers)
    for image in capture.images:
        if not 0 <= image < len(split):
            raise ConfigError(f"capture.images: no image {image}; the test split has images 0 to {len(split) - 1}")
    if not capture.layers or not capture.images:
        return {}
    captured: dict[str, Tensor] = {}

    def keep(layer: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            # A copy, because a following layer may work in place.
            captured[layer] = output.clone()

        return hook

    hooks = [modules[layer].register_forward_hook(keep(layer)) for layer in capture.layers]
    training = model.training
    try:
        with torch.inference_mode():
            model.eval()(split.take(torch.tensor(capture.images, device=split.targets.device))[0])
    finally:
        model.train(training)
        for handle in hooks:
            handle.remove()
    return {layer: captured[layer].float().contiguous().cpu().numpy() for layer in capture.layers}
