"""Style transfer: a picture is changed until a network sees one picture's content and another's style in it.

As in the course: the content loss is the mean squared difference of the maps of one layer; the style loss adds, for
each style layer of d maps of h x w, its weight times the mean squared difference of two Gram matrices, divided by
d h w. The notes' formulas have half the sum and a constant instead, so α and β mean something only with the course's.

A run is one picture with each seed: nothing is random, so seed k takes the k-th pair of content and style.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from rework.datasets.picture_files import stored_picture
from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.models.imagenet import DEVIATION, MEAN
from rework.models.style_layers import STYLE_LAYERS
from rework.models.style_picture import StylePicture
from rework.settings.ranges import Count, NotNegative, Positive
from rework.settings.run import RunSettings
from rework.training.batches import Batch
from rework.training.history import Values
from rework.training.prediction import evaluation_mode
from rework.training.record import EpochRecord, Outputs, Step, Tally
from rework.training.tasks.task import Evaluation, Task

LAYOUTS: tuple[str, ...] = ("pictures",)
NEEDS: tuple[str, ...] = ("optimiser", "epochs", "initial")
OPTIONS: tuple[str, ...] = ("max_steps", "precision")
LOSSES: tuple[str, ...] = ()
# The distances do not depend on the weights of the losses: 0 is as in the style (content) picture, and 1 as far from it
# as the content (style) picture is.
METRICS: Mapping[str, tuple[str, str]] = {
    "total_loss": ("", "lower"),
    "content_loss": ("", "lower"),
    "style_loss": ("", "lower"),
    "style_distance": ("", "lower"),
    "content_distance": ("", "lower"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("total_loss", "content_loss", "style_loss")
PROBES: tuple[str, ...] = ()
ITEM: str = "picture"
HEADLINE: str = "style_distance"

Bytes = NDArray[np.uint8]
START_WORDS = ("content", "style", "blank")
"""Where a picture can start, besides at another picture: at a copy of one of the two, or at an even grey."""


def content_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean squared difference of maps."""
    return F.mse_loss(found, wanted)


def style_losses(found: Sequence[Tensor], wanted: Sequence[Tensor], sizes: Sequence[int]) -> Tensor:
    """Return the loss of each style layer, without its weight.

    Args:
        found: a Gram matrix for each layer.
        wanted: likewise.
        sizes: d h w of each layer's maps.
    """
    pairs = zip(found, wanted, sizes, strict=True)
    return torch.stack([F.mse_loss(one, other) / size for one, other, size in pairs])


def central(picture: Bytes, height: int, width: int) -> Bytes:
    """Return the largest central part of a picture with a shape, at this size."""
    tall, wide = picture.shape[:2]
    scale = min(tall / height, wide / width)
    left, top = (wide - scale * width) / 2, (tall - scale * height) / 2
    # Rounding must not reach beyond the edges.
    box = (max(0.0, left), max(0.0, top), min(float(wide), wide - left), min(float(tall), tall - top))
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, box))


class StyleTransfer(Task):
    """See ``Task``; a batch holds nothing.

    Args:
        pairs: names of pictures for content and for style; seed k takes the k-th pair.
        start: a word of ``START_WORDS``, or the name of a picture.
        alpha: weight of the content loss.
        beta: weight of the style loss.
        weights: of the style layers, in the order of ``STYLE_LAYERS``.
        steps: updates of an epoch.
    """

    history = HISTORY
    model: StylePicture

    def __init__(
        self,
        settings: RunSettings,
        dataset: StoredDataset,
        model: nn.Module,
        *,
        pairs: Sequence[Sequence[str]],
        start: str,
        alpha: float,
        beta: float,
        weights: Sequence[float],
        steps: int,
    ) -> None:
        self.pairs = pairs
        self.start = start
        self.alpha, self.beta = alpha, beta
        self.weights = torch.tensor(weights, dtype=torch.float32)
        self.steps = steps
        super().__init__(settings, dataset, model)

    def check(self) -> None:
        """Refuse other models, pictures that are not there, and seeds without a pair."""
        run = self.settings.id
        if not isinstance(self.model, StylePicture):
            raise ConfigError(f"{run}: model {self.settings.model.name} is no picture; expected style-picture")
        if len(self.weights) != len(STYLE_LAYERS):
            raise ConfigError(f"{run}: task.weights: found {len(self.weights)}, expected one for each of 5 layers")
        if self.settings.seed >= len(self.pairs):
            raise ConfigError(
                f"{run}: seed {self.settings.seed} takes pair {self.settings.seed} of task.pairs, which has "
                f"{len(self.pairs)}; add a pair, or remove the seed"
            )
        names = self.dataset.info["pictures"]
        if self.start not in (*START_WORDS, *names):
            raise ConfigError(f"{run}: task.start: {unknown_name('start', self.start, [*START_WORDS, *names])}")
        for pair in self.pairs:
            if len(pair) != 2:
                raise ConfigError(f"{run}: task.pairs: found {list(pair)}, expected names of a content and a style")
            for name in pair:
                if name not in names:
                    raise ConfigError(f"{run}: task.pairs: {unknown_name('picture', name, names)}")

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the two pictures and what the network sees in them; a training begins with the starting picture."""
        self.device = device
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        height, width = self.model.input_shape[1:]
        content, style = self.pairs[self.settings.seed]
        self.pictures = {
            "content": central(self._stored(content), height, width),
            # As in the course, the style is squeezed to the shape of the content.
            "style": self._squeezed(style, height, width),
        }
        self.pictures["start"] = self._start(height, width)
        with evaluation_mode(self.model):
            tensors = {name: self._tensor(picture) for name, picture in self.pictures.items()}
            self.seen = {name: self.model.seen(tensors[name]) for name in ("content", "style")}
            shapes = self.model.maps(tensors["style"])
            self.sizes = [shapes[position].numel() for position in self.model.outputs[1:]]
        self.weights = self.weights.to(device)
        # Inference tensors cannot take part in a training.
        self.seen = {name: tuple(one.clone() for one in values) for name, values in self.seen.items()}
        if purpose == "training":
            with torch.no_grad():
                self.model.picture.pixels.copy_(tensors["start"][0])

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return self.steps

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches that hold nothing: the picture is the model's own."""
        del epoch
        nothing = torch.empty(0, device=self.device)
        yield from (Batch((), nothing) for _ in range(first_step, self.steps))

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the weighted sum of both losses."""
        del batch
        content, style = self._losses(outputs)
        return self.alpha * content + self.beta * style

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count each step once."""
        return Tally(torch.ones(len(steps), dtype=torch.int64), torch.zeros(len(steps), 1, dtype=torch.float64))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Measure the losses of the picture as it is now."""
        del record
        return self._measured()

    def epoch_text(self, values: Values) -> str:
        """Return the losses."""
        return (
            f"loss {values['total_loss']:.4g}  content {values['content_loss']:.4g}  style {values['style_loss']:.4g}"
        )

    def evaluate(self) -> Evaluation:
        """Measure losses and distances, and keep the picture with those that it was made from, and its distances.

        The distance of styles is the mean over all style layers, whatever their weights.
        """
        content, styles = self._distances()
        found = {**self._measured(), "style_distance": float(styles.mean()), "content_distance": content}
        return Evaluation(
            metrics={name: (value, 1) for name, value in found.items()},
            arrays={"picture": self.as_bytes(), **self.pictures, "style_distances": styles},
        )

    def as_bytes(self) -> Bytes:
        """Return the picture as RGB bytes, H x W x 3; what lies outside of 0..1 is cut off."""
        pixels = self.model.picture.pixels.detach().float().cpu()
        mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, DEVIATION))
        levels = (pixels * deviation + mean).clamp(0, 1) * 255
        return levels.round().permute(1, 2, 0).to(torch.uint8).contiguous().numpy()

    def _losses(self, seen: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the content loss and the style loss of what the network sees in a picture."""
        layers = style_losses(seen[1:], self.seen["style"][1:], self.sizes)
        return content_loss(seen[0], self.seen["content"][0]), (self.weights * layers).sum()

    def _measured(self) -> dict[str, float]:
        with evaluation_mode(self.model):
            content, style = map(float, self._losses(self.model()))
        return {
            "total_loss": self.alpha * content + self.beta * style,
            "content_loss": content,
            "style_loss": style,
        }

    def _distances(self) -> tuple[float, NDArray[np.float64]]:
        """Return how far the picture is from the content, and from the style in each layer, float (layers).

        The unit is how far the other of these two pictures is.
        """
        with evaluation_mode(self.model):
            seen = self.model()
            content, style = self.seen["content"], self.seen["style"]
            between = style_losses(content[1:], style[1:], self.sizes)
            styles = style_losses(seen[1:], style[1:], self.sizes) / between
            contents = content_loss(seen[0], content[0]) / content_loss(style[0], content[0])
        return float(contents), styles.double().cpu().numpy()

    def _start(self, height: int, width: int) -> Bytes:
        if self.start == "blank":
            # The mean of ImageNet, which a network sees as zeros.
            return np.broadcast_to(np.rint(255 * np.array(MEAN)).astype(np.uint8), (height, width, 3))
        if self.start in START_WORDS:
            return self.pictures[self.start]
        return self._squeezed(self.start, height, width)

    def _stored(self, name: str) -> Bytes:
        return stored_picture(self.dataset.directory, name)

    def _squeezed(self, name: str, height: int, width: int) -> Bytes:
        return np.asarray(Image.fromarray(self._stored(name)).resize((width, height), Image.Resampling.BILINEAR))

    def _tensor(self, picture: Bytes) -> Tensor:
        """Return a picture as the network expects it, 1 x 3 x H x W, on the device."""
        levels = torch.tensor(picture, dtype=torch.float32).div_(255)
        mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)
        normalised = ((levels - mean) / deviation).permute(2, 0, 1).unsqueeze(0)
        return normalised.to(self.device).contiguous(memory_format=self.layout)


def build(
    settings: RunSettings,
    dataset: StoredDataset,
    model: nn.Module,
    *,
    pairs: tuple[tuple[str, ...], ...],
    start: str = "content",
    alpha: Positive = 1.0,
    beta: Positive = 1e6,
    weights: tuple[NotNegative, ...] = (1.0, 0.75, 0.2, 0.2, 0.2),
    steps: Count = 50,
) -> StyleTransfer:
    """Return the task of a run."""
    return StyleTransfer(
        settings, dataset, model, pairs=pairs, start=start, alpha=alpha, beta=beta, weights=weights, steps=steps
    )
