"""Measure updates of a picture by style transfer: sizes, number formats and memory layouts. Prints Markdown.

Times are those of one thread's processor, which others at work disturb less than the clock on the wall; both are shown.
The picture and the weights are random: what is drawn does not matter here.
"""

import argparse
import statistics
import sys
import time
from dataclasses import dataclass

import torch
from rework.models.building import build_model
from rework.models.style_picture import StylePicture
from rework.settings.run import ModelSettings, OptimiserSettings
from rework.training.determinism import make_deterministic
from rework.training.optimisers import build_optimiser
from rework.training.precision import NumberFormat
from rework.training.tasks.style_transfer import content_loss, style_losses

WARM_UP = 3
ADAM = OptimiserSettings("adam", 0.003)
FORMATS = (
    NumberFormat("fp32", False, ""),
    NumberFormat("fp32", True, ""),
    NumberFormat("bf16", False, ""),
    NumberFormat("bf16", True, ""),
)


@dataclass(frozen=True)
class Pace:
    """Milliseconds per update: of the thread's processor, and of the clock on the wall."""

    cpu: float
    wall: float


class Transfer:
    """Updates of a random picture towards two others, as the training loop makes them.

    Args:
        base: the network.
        pooling: its poolings.
        side: of the picture in pixels.
        number_format: of the passes.
    """

    def __init__(self, base: str, pooling: str, side: int, number_format: NumberFormat) -> None:
        torch.manual_seed(0)
        size = {"height": side, "width": side}
        model = build_model(ModelSettings("style-picture", {"base": base, "pooling": pooling, **size}))
        assert isinstance(model, StylePicture)
        self.device = torch.device("cpu")
        self.model = model
        self.format = number_format
        number_format.place(model, self.device)
        torch.nn.init.normal_(model.picture.pixels)
        with torch.inference_mode():
            others = [model.seen(torch.randn(1, *model.input_shape)) for _ in range(2)]
            maps = model.maps(torch.randn(1, *model.input_shape))
        self.content, self.style = (tuple(one.clone() for one in seen) for seen in others)
        self.sizes = [maps[position].numel() for position in model.outputs[1:]]
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimiser = build_optimiser(trained, ADAM, self.device)

    def update(self) -> None:
        """Make one update."""
        with self.format.autocast(self.device):
            seen = self.model()
        loss = content_loss(seen[0].float(), self.content[0])
        loss = loss + style_losses(seen[1:], self.style[1:], self.sizes).sum()
        loss.backward()
        self.optimiser.step()
        self.optimiser.zero_grad()

    def pace(self, seconds: float) -> Pace:
        """Return the pace of as many updates as fit into some seconds."""
        count, wall, cpu = 0, time.perf_counter(), time.thread_time()
        while count == 0 or time.perf_counter() - wall < seconds:
            self.update()
            count += 1
        scale = 1000 / count
        return Pace(scale * (time.thread_time() - cpu), scale * (time.perf_counter() - wall))


def measured(transfer: Transfer, rounds: int, seconds: float) -> Pace:
    """Return the median of some rounds, after a few updates that do not count."""
    for _ in range(WARM_UP):
        transfer.update()
    paces = [transfer.pace(seconds) for _ in range(rounds)]
    return Pace(statistics.median(pace.cpu for pace in paces), statistics.median(pace.wall for pace in paces))


def parsed() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=(128, 256, 400), metavar="N", help="pixels a side")
    parser.add_argument("--base", choices=("squeezenet-1-1", "vgg-19"), default="squeezenet-1-1")
    parser.add_argument("--pooling", choices=("max", "average"), default="average")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each measurement (default: 3)")
    parser.add_argument("--seconds", type=float, default=2, metavar="S", help="of a round (default: 2)")
    return parser.parse_args()


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    options = parsed()
    make_deterministic(threads=1)
    say("| pixels | format | layout | ms per update (processor) | ms (wall) | updates per second (processor) |")
    say("|---|---|---|---|---|---|")
    for side in options.sizes:
        for number_format in FORMATS:
            transfer = Transfer(options.base, options.pooling, side, number_format)
            pace = measured(transfer, options.rounds, options.seconds)
            layout = "channels last" if number_format.channels_last else "channels first"
            cells = (
                side,
                number_format.precision,
                layout,
                f"{pace.cpu:.1f}",
                f"{pace.wall:.1f}",
                f"{1000 / pace.cpu:.1f}",
            )
            say(f"| {' | '.join(map(str, cells))} |")


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
