"""The training loop.

Two trainings of one run on the same machine end with the same bytes, also when one of them was killed and started
again: the order of the examples derives from names, and all other state is in the checkpoint.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError, TrainingError
from rework.evaluation.metrics import accuracy
from rework.evaluation.predicting import predict, right_answers
from rework.models.building import build_model, example_arguments, input_shape
from rework.models.words import WordModel
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.batches import Batch, Split, batches, epoch_changes, epoch_order, load_split, step_count
from rework.training.checkpoint import CheckpointFile
from rework.training.determinism import make_deterministic, random_state, restore_random_state
from rework.training.history import EpochRecord, EpochResult, Probe
from rework.training.initial import load_initial
from rework.training.interruption import Interrupted, StopRequest
from rework.training.losses import check_outputs, loss_function
from rework.training.optimisers import build_optimiser, scheduled_rate
from rework.training.passes import EagerPasses, Passes, Recorder, recorded_if_possible
from rework.training.precision import choose_number_format
from rework.training.progress import Progress
from rework.training.regularisation import l2_loss, parameter_groups

# How often, in seconds, the loop looks up from its steps: reads the losses, moves the bar, asks for a checkpoint.
LOOK_SECONDS = 0.5


class Training:
    """One training of one run with one seed: its state, and the loop that moves it on.

    Args:
        settings: the run.
        dataset: its data set.
        device: where to train.
        initial_weights: file of the weights that ``settings.initial`` asks for, or None.
        record: how to record the passes of a step, or None to compute them operation by operation.

    Raises:
        ConfigError: the settings do not fit the data set, the model or the loss.
        DataError: the initial weights do not fit the model.
    """

    def __init__(
        self,
        settings: RunSettings,
        dataset: StoredDataset,
        device: torch.device,
        initial_weights: Path | None = None,
        record: Recorder | None = None,
    ) -> None:
        make_deterministic(settings.threads)
        self.settings = settings
        self.device = device
        torch.manual_seed(self._seed("weights"))
        self.model = build_model(settings.model)
        if settings.initial is not None:
            assert initial_weights is not None, "the train step names the file"
            load_initial(self.model, settings.initial, initial_weights)
        self._check_model(dataset)
        self.number_format = choose_number_format(settings, self.model, device)
        self.number_format.place(self.model, device)
        self.optimiser = build_optimiser(parameter_groups(self.model, settings.l2), settings.optimiser, device)
        loss = loss_function(settings.loss, self.model)
        self.passes: Passes = EagerPasses(self.model, loss, partial(self.number_format.autocast, device))
        self._record = record
        load = partial(load_split, dataset, settings.data, device, self.number_format.channels_last)
        self.train_split, self.validation_split = load("train"), load("validation")
        self.test_split: Split | None = load("test") if settings.probe else None
        self.history: list[EpochResult] = []
        self.probes: list[Probe] = []
        self.record = EpochRecord()
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
        return (self.history[-1].steps if self.history else 0) + self.record.steps

    @property
    def total_steps(self) -> int:
        """Number of steps of the whole training."""
        steps = self.settings.epochs * self.steps_per_epoch
        return steps if self.settings.max_steps is None else min(steps, self.settings.max_steps)

    def run(self, checkpoint: CheckpointFile, progress: Progress, checkpoint_seconds: float = 60) -> None:
        """Train from where the state is to the end, with a checkpoint at times and after each epoch.

        Raises:
            Interrupted: SIGINT or SIGTERM came; the checkpoint is written.
            TrainingError: the loss is no finite number any more.
        """
        self.model.train()
        self._record_passes()
        with StopRequest() as stop:
            watch = _Watch(self, checkpoint, progress, stop, checkpoint_seconds)
            while self.steps_done < self.total_steps:
                self._run_epoch(watch)
                self._finish_epoch()
                progress.epoch(self.history[-1], self.steps_done)
                watch.save()

    def _record_passes(self) -> None:
        """Record the passes of a whole batch of examples; words have no shape of their own."""
        if self._record is None or self.train_split.offsets is not None or not isinstance(self.passes, EagerPasses):
            return
        batch = Batch(*self.train_split.take(slice(0, self.settings.batch_size)))
        self.passes = recorded_if_possible(self.passes, batch, self._record)

    def _run_epoch(self, watch: "_Watch") -> None:
        optimiser, record = self.optimiser, self.record
        probe_every = self.settings.probe.every if self.settings.probe else 0
        first = record.steps
        steps_before = self.steps_done - first
        steps = min(self.steps_per_epoch, self.total_steps - steps_before)
        scheduled = self.settings.optimiser.schedule != "constant"
        for step, batch in enumerate(islice(self._epoch_batches(first), steps - first), start=first + 1):
            loss, outputs = self.passes(batch)
            if scheduled:
                self._set_learning_rate(steps_before + step - 1)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            record.add(loss, outputs, batch.targets)
            if probe_every and (steps_before + step) % probe_every == 0:
                self.probes.append(self._probe(loss))
            if watch.is_due():
                watch.look()
        self.check_losses()

    def _set_learning_rate(self, step: int) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = scheduled_rate(self.settings.optimiser, step, self.total_steps)

    def _epoch_batches(self, first_step: int) -> Iterator[Batch]:
        epoch = len(self.history)
        return batches(
            self.train_split,
            epoch_order(self.settings, epoch, len(self.train_split)),
            self.settings.batch_size,
            first_step,
            epoch_changes(self.settings, epoch, self.train_split),
        )

    def _probe(self, loss: Tensor) -> Probe:
        """Measure on random examples, drawn from a seed of this step alone; as it is done rarely, it may wait."""
        assert self.test_split is not None, "a run with probes loads it"
        train, test = (self._probed_accuracy(split) for split in (self.train_split, self.test_split))
        return Probe(self.steps_done, float(loss.detach()), train, test)

    def _probed_accuracy(self, split: Split) -> float:
        assert self.settings.probe is not None, "only a run with probes is probed"
        generator = torch.Generator().manual_seed(self._seed("probe", self.steps_done))
        rows = torch.randint(split.examples, (self.settings.probe.examples,), generator=generator)
        inputs, targets = split.take(rows.to(self.device))
        return right_answers(self.model, inputs, targets) / len(rows)

    def _finish_epoch(self) -> None:
        validation = predict(self.model, self.validation_split)
        result = EpochResult(
            epoch=len(self.history) + 1,
            steps=self.steps_done,
            train_loss=self.record.train_loss(),
            train_accuracy=self.record.train_accuracy(),
            validation_loss=validation.loss,
            validation_accuracy=accuracy(validation.labels, self.validation_split.targets.cpu().numpy()),
            test_accuracy=self._test_accuracy(),
            l2_loss=l2_loss(self.model, self.settings.l2),
            learning_rate=self.optimiser.param_groups[0]["lr"],
        )
        if not isfinite(result.validation_loss):
            raise self._diverged(f"after epoch {result.epoch}")
        self.history.append(result)
        self.record = EpochRecord()

    def _test_accuracy(self) -> float | None:
        if self.test_split is None:
            return None
        return accuracy(predict(self.model, self.test_split).labels, self.test_split.targets.cpu().numpy())

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
            "probes": [asdict(probe) for probe in self.probes],
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
        self.probes = [Probe(**probe) for probe in state["probes"]]
        self.record.restore(state["record"])
        self.seconds = state["seconds"]
        self.resumed = state["resumed"] + 1

    def _seed(self, *purpose: str | int) -> int:
        return derive_seed(self.settings.global_seed, self.settings.id, self.settings.seed, *purpose)

    def _check_model(self, dataset: StoredDataset) -> None:
        """Try the new model on an example of zeros, without dropout, which would draw random numbers."""
        name, view = self.settings.model.name, self.settings.data.view
        if isinstance(self.model, WordModel) != (view == "words"):
            raise ConfigError(
                f"{self.settings.id}: model {name} reads {'single examples' if view == 'words' else 'whole words'}, "
                f"but data.view is {view!r}"
            )
        shape = input_shape(self.model)
        if dataset.splits["train"].inputs.shape[1:] != shape:
            raise ConfigError(
                f"{self.settings.id}: model {name} takes inputs of shape {shape}, "
                f"but data set {dataset.name} has {dataset.splits['train'].inputs.shape[1:]}"
            )
        with torch.inference_mode():
            outputs = self.model.eval()(*example_arguments(self.model))
        if outputs.shape != (1, len(dataset.classes)):
            raise ConfigError(
                f"{self.settings.id}: model {name} returns {tuple(outputs.shape[1:])} values, "
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
