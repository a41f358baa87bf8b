"""Random changes to training images, applied to whole batches of bytes on the device."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from rework.settings.run import AugmentSettings

# Pillow's weights of red, green and blue in a grey value (ITU-R 601-2), in 65536ths.
GREY_WEIGHTS = (19595, 38470, 7471)


@dataclass(frozen=True)
class Changes:
    """The changes made to the examples of an epoch, in the order in which they are visited.

    Attributes:
        flip: whether to flip, bool (N).
        greyscale: whether to turn grey, bool (N).
        maps: affine maps from each point of the changed image to the point of the original that it shows, float32
            (N, 2, 3), in coordinates from -1 to 1 of a square image; None if no image is moved.
    """

    flip: Tensor
    greyscale: Tensor
    maps: Tensor | None = None

    def apply(self, images: Tensor, first: int) -> Tensor:
        """Return images (uint8 B x C x H x W) changed; the first of them is number ``first`` of the epoch."""
        chosen = slice(first, first + len(images))
        if self.flip.any():
            images = torch.where(self.flip[chosen, None, None, None], images.flip(3), images)
        if self.greyscale.any():
            images = torch.where(self.greyscale[chosen, None, None, None], greyscale(images), images)
        return images if self.maps is None else move(images, self.maps[chosen])


def draw_changes(settings: AugmentSettings, examples: int, seed: int, device: torch.device) -> Changes | None:
    """Draw the changes to each example of an epoch, or return None if the settings ask for none.

    They are all drawn at once from the epoch's seed, so that a resumed epoch makes the same changes.
    """
    if settings == AugmentSettings():
        return None
    generator = torch.Generator().manual_seed(seed)
    draws = torch.rand(2, examples, generator=generator).to(device)
    moves = any((settings.rotate, settings.shear, settings.zoom, settings.shift))
    maps = draw_maps(settings, examples, generator).to(device) if moves else None
    return Changes(draws[0] < settings.flip, draws[1] < settings.greyscale, maps)


def draw_maps(settings: AugmentSettings, examples: int, generator: torch.Generator) -> Tensor:
    """Return a random affine map for each example, shape (N, 2, 3): zoom, then shear, then rotation, then shift."""
    draws = torch.rand(6, examples, generator=generator, dtype=torch.float64) * 2 - 1
    angle, slant = torch.deg2rad(draws[0] * settings.rotate), torch.tan(torch.deg2rad(draws[1] * settings.shear))
    across, down = 1 + draws[2] * settings.zoom, 1 + draws[3] * settings.zoom
    cos, sin = torch.cos(angle), torch.sin(angle)
    maps = torch.stack(
        [
            torch.stack([cos * across, (cos * slant - sin) * down, draws[4] * 2 * settings.shift], 1),
            torch.stack([sin * across, (sin * slant + cos) * down, draws[5] * 2 * settings.shift], 1),
        ],
        1,
    )
    return maps.to(torch.float32)


def move(images: Tensor, maps: Tensor) -> Tensor:
    """Return images (uint8 B x C x H x W) resampled through affine maps (B, 2, 3); edge pixels repeat beyond it."""
    height, width = images.shape[-2:]
    # A point goes from -1 to 1 across either side, so that a turn by an angle mixes unequal units.
    units = torch.tensor([[1, height / width, 1], [width / height, 1, 1]], dtype=maps.dtype, device=maps.device)
    grid = functional.affine_grid(maps * units, list(images.shape), align_corners=False)
    pixels = functional.grid_sample(
        images.to(torch.float32), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return pixels.round().clamp(0, 255).to(torch.uint8)


def greyscale(images: Tensor) -> Tensor:
    """Return colour images (uint8 B x 3 x H x W) in grey, as three equal channels with exactly Pillow's values."""
    weights = torch.tensor(GREY_WEIGHTS, dtype=torch.int32, device=images.device).view(1, 3, 1, 1)
    grey = ((images.to(torch.int32) * weights).sum(1, keepdim=True) + 0x8000) >> 16
    return grey.to(torch.uint8).expand_as(images)
