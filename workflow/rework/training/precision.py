"""Number format and memory layout of a training, chosen by rules based on measurements and recorded."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from torch import nn

from rework.models.description import describe_layers
from rework.settings.run import RunSettings

# Measured in ms per step, fp32 against bf16: a network of three convolutions with 1e10 multiplications a step, 620
# against 116 (two cores with AMX); one with 2e9, 71 against 38 (one Zen 5 core); cifar-cnn at batch 5 (0.94e8), 5.4
# against 4.2 (one core with AVX-512 and bf16), 13.0 against 8.5 (beside another training); the OCR network at batch 64
# (0.55e8) and fashion-cnn at batch 8 (6e6), 1.03 and 1.00; a network of nist36 at batch 4 (under 1e7), 0.93 of the
# speed. Below, it stays fp32.
BF16_MULTIPLICATIONS = 9 * 10**7


@dataclass(frozen=True)
class NumberFormat:
    """The precision of the forward pass, the memory layout of images, and the reason in words."""

    precision: Literal["fp32", "bf16"]
    channels_last: bool
    reason: str

    def autocast(self, device: torch.device) -> AbstractContextManager[object]:
        """Return a context for one forward pass."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(device.type, dtype=torch.bfloat16)

    def place(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Move the model to the device, its convolution weights in this memory layout."""
        layout = torch.channels_last if self.channels_last else torch.preserve_format
        return model.to(device=device, memory_format=layout)  # type: ignore[call-overload, no-any-return]


def choose_number_format(settings: RunSettings, model: nn.Module, device: torch.device) -> NumberFormat:
    """Return the number format of a run: the same for the same run on the same kind of machine.

    On a CPU, convolutions always run channels-last: max-pooling is then ten times faster (39 against 380 µs for
    8×16×28×28 on one Zen 5 core), and a step of fashion-cnn a fifth faster.
    """
    # A run without batches, such as that of a picture, computes one example at a time.
    convolutions = convolution_multiplications(model) * max(1, settings.batch_size)
    channels_last = device.type == "cpu" and convolutions > 0
    if settings.precision != "auto":
        return NumberFormat(settings.precision, channels_last, "set in the configuration")
    if device.type == "cpu" and _computes_in_bf16() and convolutions >= BF16_MULTIPLICATIONS:
        return NumberFormat("bf16", channels_last, "auto: large convolutions on a processor that computes in bfloat16")
    return NumberFormat("fp32", channels_last, "auto: bf16 was not measured to help this model on this device")


def convolution_multiplications(model: nn.Module) -> int:
    """Return how many multiplications the convolutions do in one forward pass of one example."""
    modules = dict(model.named_modules())
    total = 0
    for layer in describe_layers(model):
        module = modules[layer.name]
        if isinstance(module, nn.Conv2d):
            total += prod(layer.output_shape) * module.weight[0].numel()
    return total


def _computes_in_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
