"""A task of another kind than those in the library: numbers in, numbers out, no classes, and its own state.

The noise on the targets is drawn during the training, so a resumed training is right only if the checkpoint kept it.
"""

from collections.abc import Mapping

import torch
from rework.errors import ConfigError
from rework.models.building import example_arguments
from rework.seeds import derive_seed
from rework.training.batches import Batch, epoch_order, mapped, step_count
from rework.training.prediction import evaluation_mode
from rework.training.record import Tally
from rework.training.tasks.task import Evaluation, Task

LAYOUTS: tuple[str, ...] = ("examples",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("l2", "probe")
LOSSES: tuple[str, ...] = ("squared-error",)
METRICS: Mapping[str, tuple[str, str]] = {"rmse": ("m", "lower"), "largest_error": ("mm", "lower")}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("mean_square", "validation_rmse")
PROBES: tuple[str, ...] = ("test_rmse",)
ITEM: str = "point"
HEADLINE: str = "rmse"


class Regression(Task):
    history = HISTORY
    probes = PROBES

    def __init__(self, settings, dataset, model, noise):
        self.noise = noise
        seed = derive_seed(settings.global_seed, settings.id, settings.seed, "noise")
        self.generator = torch.Generator().manual_seed(seed)
        super().__init__(settings, dataset, model)

    def check(self):
        returned = self.model(*example_arguments(self.model)).shape[1:]
        if returned != self.dataset.splits["train"].targets.shape[1:]:
            raise ConfigError(f"{self.settings.id}: the model returns {tuple(returned)}")

    def load(self, device, _channels_last, _purpose):
        self.splits = {
            name: tuple(mapped(array).to(device) for array in (split.inputs, split.targets))
            for name, split in self.dataset.splits.items()
        }

    @property
    def steps_per_epoch(self):
        return step_count(len(self.splits["train"][0]), self.settings.batch_size)

    def batches(self, epoch, first_step):
        inputs, targets = self.splits["train"]
        size = self.settings.batch_size
        for rows in torch.split(epoch_order(self.settings, epoch, len(inputs)), size)[first_step:]:
            noise = torch.randn(len(rows), targets.shape[1], generator=self.generator)
            yield Batch((inputs[rows],), targets[rows] + self.noise * noise)

    def loss(self, outputs, batch):
        return (outputs[0] - batch.targets).square().mean()

    def tally(self, steps):
        squares = [[float((step.outputs[0] - step.targets).double().square().sum())] for step in steps]
        weights = torch.tensor([step.targets.numel() for step in steps])
        return Tally(weights, torch.tensor(squares, dtype=torch.float64))

    def errors(self, split):
        inputs, targets = self.splits[split]
        with evaluation_mode(self.model):
            return (self.model(inputs) - targets).abs().double()

    def rmse(self, split):
        return float(self.errors(split).square().mean().sqrt())

    def end_epoch(self, record):
        (mean_square,) = record.means()
        return {"mean_square": mean_square, "validation_rmse": self.rmse("validation")}

    def epoch_text(self, values):
        return f"validation {values['validation_rmse']:.4f} m"

    def probe(self, _steps, _loss, _record):
        return {"test_rmse": self.rmse("test")}

    def evaluate(self):
        errors = self.errors("test")
        metrics = {"rmse": self.rmse("test"), "largest_error": 1000 * float(errors.max())}
        return Evaluation(
            metrics={name: (value, len(errors)) for name, value in metrics.items()}, arrays={"errors": errors.numpy()}
        )

    def state(self):
        return {"noise": self.generator.get_state()}

    def restore(self, state):
        self.generator.set_state(state["noise"])


def build(settings, dataset, model, *, noise: float = 0.0):
    return Regression(settings, dataset, model, noise)
