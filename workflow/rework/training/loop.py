"""The training loop.

Two trainings of one run on the same machine end with the same bytes, also when one of them was killed and started
again: the order of the examples derives from names, and all other state is in the checkpoint.
"""

import time
from dataclasses import asdict
from functools import partial
from math import isfinite
from typing import Any

import torch

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError, TrainingError
from rework.evaluation.metrics import accuracy, mean_negative_log_likelihood
from rework.evaluation.predicting import predict_log_probabilities
from rework.models.building import build_model, input_shape
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.batches import batches, epoch_order, load_split, step_count
from rework.training.checkpoint import CheckpointFile
from rework.training.determinism import make_deterministic, random_state, restore_random_state
from rework.training.history import EpochRecord, EpochResult
from rework.training.interruption import Interrupted, StopRequest
from rework.training.losses import check_outputs, loss_function
from rework.training.optimisers import build_optimiser
from rework.training.precision import choose_number_format
from rework.training.progress import Progress

# How often, in seconds, the loop looks up from its steps: reads the losses, moves the bar, asks for a checkpoint.
LOOK_SECONDS = 0.5


class Training:
    """One training of one run with one seed: its state, and the loop that moves it on.

    Args:
        settings: the run.
        dataset: its data set, with splits train and validation.
        device: where to train.

    Raises:
        ConfigError: the settings do not fit the data set, the model or the loss.
    """

    def __init__(self, settings: RunSettings, dataset: StoredDataset, device: torch.device) -> None:
        make_deterministic(settings.threads)
        self.settings = settings
        self.device = device
        torch.manual_seed(self._seed("weights"))
        self.model = build_model(settings.model)
        self._check_model(dataset)
        self.number_format = choose_number_format(settings, self.model, device)
        self.number_format.place(self.model, device)
        self.optimiser = build_optimiser(self.model.parameters(), settings.optimiser, device)
        self.loss_function = loss_function(settings.loss)
        load = partial(load_split, dataset, settings.data.normalise, device, self.number_format.channels_last)
        self.train_split, self.validation_split = load("train"), load("validation")
        self.history: list[EpochResult] = []
        self.record = EpochRecord(len(self.train_split), settings.batch_size)
        self.seconds = 0.0
        self.resumed = 0
        # Dropout has a stream of its own: it must not depend on how many numbers the weights took.
        torch.manual_seed(self._seed("dropout"))

    @property
    def steps_per_epoch(self) -> int:
        """Number of steps of one epoch."""
        return step_count(len(self.train_split), self.settings.batch_size)

    @property
    def steps_done(self) -> int:
        """Number of steps since the beginning of the training."""
        return len(self.history) * self.steps_per_epoch + self.record.steps

    @property
    def total_steps(self) -> int:
        """Number of steps of the whole training."""
        return self.settings.epochs * self.steps_per_epoch

    def run(self, checkpoint: CheckpointFile, progress: Progress, checkpoint_seconds: float = 60) -> None:
        """Train from where the state is to the end, with a checkpoint at times and after each epoch.

        Raises:
            Interrupted: SIGINT or SIGTERM came; the checkpoint is written.
            TrainingError: the loss is no finite number any more.
        """
        self.model.train()
        with StopRequest() as stop:
            watch = _Watch(self, checkpoint, progress, stop, checkpoint_seconds)
            while len(self.history) < self.settings.epochs:
                self._run_epoch(watch)
                self._finish_epoch()
                progress.epoch(self.history[-1], self.steps_done)
                watch.save()

    def _run_epoch(self, watch: "_Watch") -> None:
        model, optimiser, loss_function, record = self.model, self.optimiser, self.loss_function, self.record
        order = epoch_order(self.settings, len(self.history), len(self.train_split))
        for inputs, targets in batches(self.train_split, order, self.settings.batch_size, record.steps):
            with self.number_format.autocast(self.device):
                outputs = model(inputs)
            loss = loss_function(outputs.float(), targets)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            record.add(loss, outputs, targets)
            if watch.is_due():
                watch.look()
        self.check_losses()

    def _finish_epoch(self) -> None:
        log_probabilities = predict_log_probabilities(self.model, self.validation_split)
        targets = self.validation_split.targets.cpu().numpy()
        result = EpochResult(
            epoch=len(self.history) + 1,
            train_loss=self.record.train_loss(),
            train_accuracy=self.record.train_accuracy(),
            validation_loss=mean_negative_log_likelihood(log_probabilities, targets),
            validation_accuracy=accuracy(log_probabilities, targets),
            learning_rate=self.optimiser.param_groups[0]["lr"],
        )
        if not isfinite(result.validation_loss):
            raise self._diverged(f"after epoch {result.epoch}")
        self.history.append(result)
        self.record = EpochRecord(len(self.train_split), self.settings.batch_size)

    def check_losses(self) -> None:
        """Read the losses of the steps since the last call, and stop at one that is no finite number.

        Raises:
            TrainingError: there is such a loss.
        """
        self.record.flush()
        step = self.record.first_bad_step()
        if step is not None:
            raise self._diverged(f"in epoch {len(self.history) + 1}, step {step + 1} of {self.steps_per_epoch}")

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": random_state(self.device),
            "history": [asdict(result) for result in self.history],
            "record": self.record.state(),
            "seconds": self.seconds,
            "resumed": self.resumed,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from what ``state`` returned."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        restore_random_state(state["random"], self.device)
        self.history = [EpochResult(**result) for result in state["history"]]
        self.record.restore(state["record"])
        self.seconds = state["seconds"]
        self.resumed = state["resumed"] + 1

    def _seed(self, purpose: str) -> int:
        return derive_seed(self.settings.global_seed, self.settings.id, self.settings.seed, purpose)

    def _check_model(self, dataset: StoredDataset) -> None:
        """Try the new model on an example of zeros, without dropout, which would draw random numbers."""
        shape = input_shape(self.model)
        if dataset.splits["train"].inputs.shape[1:] != shape:
            raise ConfigError(
                f"{self.settings.id}: model {self.settings.model.name} takes inputs of shape {shape}, "
                f"but data set {dataset.name} has {dataset.splits['train'].inputs.shape[1:]}"
            )
        with torch.inference_mode():
            outputs = self.model.eval()(torch.zeros(1, *shape))
        if outputs.shape != (1, len(dataset.classes)):
            raise ConfigError(
                f"{self.settings.id}: model {self.settings.model.name} returns {tuple(outputs.shape[1:])} values, "
                f"but data set {dataset.name} has {len(dataset.classes)} classes"
            )
        check_outputs(self.settings.loss, outputs)

    def _diverged(self, where: str) -> TrainingError:
        return TrainingError(
            f"{self.settings.id} seed {self.settings.seed}: the loss is no finite number {where}, "
            f"with learning rate {self.optimiser.param_groups[0]['lr']:g}; try a smaller one"
        )


class _Watch:
    """What looks after a running training: reads its losses, saves it, and stops it on request."""

    def __init__(
        self,
        training: Training,
        checkpoint: CheckpointFile,
        progress: Progress,
        stop: StopRequest,
        checkpoint_seconds: float,
    ) -> None:
        self.training = training
        self.checkpoint = checkpoint
        self.progress = progress
        self.stop = stop
        self.checkpoint_seconds = checkpoint_seconds
        self.look_seconds = min(LOOK_SECONDS, checkpoint_seconds)
        self.saved = time.monotonic()
        self.next_look = self.saved + self.look_seconds

    def is_due(self) -> bool:
        """Return whether it is time to look; asked after each step."""
        return time.monotonic() >= self.next_look or self.stop.signal is not None

    def look(self) -> None:
        """Read the losses, show the progress, and save or stop where that is due."""
        self.training.check_losses()
        self.progress.at(self.training.steps_done)
        if self.stop.signal is not None:
            self.save()
            raise Interrupted(self.stop.signal)
        if time.monotonic() - self.saved >= self.checkpoint_seconds:
            self.save()
        self.next_look = time.monotonic() + self.look_seconds

    def save(self) -> None:
        """Write the checkpoint."""
        now = time.monotonic()
        self.training.seconds += now - self.saved
        self.saved = now
        self.checkpoint.save(self.training.state())
