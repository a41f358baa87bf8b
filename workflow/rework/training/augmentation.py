"""Random changes of training images, on whole batches of bytes on the device."""

from dataclasses import dataclass

import torch
from torch import Tensor

from rework.settings.run import AugmentSettings

# Pillow's weights of red, green and blue in a grey value (ITU-R 601-2), in 65536ths.
GREY_WEIGHTS = (19595, 38470, 7471)


@dataclass(frozen=True)
class Changes:
    """Which of the examples of an epoch, in the order in which they are met, are changed how (bool N each)."""

    flip: Tensor
    greyscale: Tensor

    def apply(self, images: Tensor, first: int) -> Tensor:
        """Return changed images (uint8 B x C x H x W), the first of which is number ``first`` of the epoch."""
        chosen = slice(first, first + len(images))
        if self.flip.any():
            images = torch.where(self.flip[chosen, None, None, None], images.flip(3), images)
        if self.greyscale.any():
            images = torch.where(self.greyscale[chosen, None, None, None], greyscale(images), images)
        return images


def draw_changes(settings: AugmentSettings, examples: int, seed: int, device: torch.device) -> Changes | None:
    """Draw what happens to each example of an epoch, or return None where nothing is to be changed.

    All is drawn at once from the epoch's own seed, so that a resumed epoch changes the same examples.
    """
    if not settings.flip and not settings.greyscale:
        return None
    draws = torch.rand(2, examples, generator=torch.Generator().manual_seed(seed)).to(device)
    return Changes(draws[0] < settings.flip, draws[1] < settings.greyscale)


def greyscale(images: Tensor) -> Tensor:
    """Return colour images (uint8 B x 3 x H x W) in grey, with three equal channels, to the value as Pillow has it."""
    weights = torch.tensor(GREY_WEIGHTS, dtype=torch.int32, device=images.device).view(1, 3, 1, 1)
    grey = ((images.to(torch.int32) * weights).sum(1, keepdim=True) + 0x8000) >> 16
    return grey.to(torch.uint8).expand_as(images)
