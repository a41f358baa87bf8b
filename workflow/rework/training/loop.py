"""The training loop: steps, epochs, checkpoints, progress and clocks. The task decides what is trained.

Two trainings of one run on the same machine end with the same bytes, even if one of them was killed and resumed: the
order of the examples derives from names, and all other state is in the checkpoint.
"""

import time
from functools import partial
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import torch

from rework.datasets.store import StoredDataset
from rework.errors import StorageError, TrainingError
from rework.models.building import build_model
from rework.provenance import cpu_model
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.determinism import make_deterministic, random_state, restore_random_state
from rework.training.history import Values, history_columns, probe_columns, table_csv
from rework.training.initial import load_initial
from rework.training.interruption import Interrupted, StopRequest
from rework.training.keeping import BestEpoch, Weights
from rework.training.optimisers import build_optimiser, scheduled_rate
from rework.training.passes import EagerPasses, Passes, Recorder, recorded_if_possible
from rework.training.precision import choose_number_format
from rework.training.progress import Progress
from rework.training.record import EpochRecord
from rework.training.regularisation import l2_loss, parameter_groups
from rework.training.tasks.task import load_task
from rework.training.updates import Updates

# How often, in seconds, the loop pauses between steps to read the losses, move the bar and see if a checkpoint is due.
LOOK_SECONDS = 0.5


class Training:
    """One training of one run with one seed: its state and the loop that advances it.

    Args:
        settings: the run.
        dataset: its data set.
        device: where to train.
        initial_weights: the file of weights for ``settings.initial``, or None.
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
        self.model = build_model(settings.model, dataset.classes)
        if settings.initial is not None:
            assert initial_weights is not None, "the train step names the file"
            load_initial(self.model, settings.initial, initial_weights)
        self.task = load_task(settings, dataset, self.model)
        self.number_format = choose_number_format(settings, self.model, device)
        self.number_format.place(self.model, device)
        self.optimiser = build_optimiser(parameter_groups(self.model, settings.l2), settings.optimiser, device)
        self._update = Updates(self.optimiser, settings.optimiser.clip)
        self.passes: Passes = EagerPasses(self.model, self.task.loss, partial(self.number_format.autocast, device))
        self._record = record
        self.task.load(device, self.number_format.channels_last, "training")
        self.best = None if settings.keep is None else BestEpoch(settings.keep)
        self.history: list[Values] = []
        self.probes: list[Values] = []
        self.record = EpochRecord(self.task.tally)
        self.steps_before = 0
        self.seconds = 0.0
        self.resumed = 0
        self.processors = [torch.cuda.get_device_name(device) if device.type == "cuda" else cpu_model()]
        # Dropout gets its own random stream, so that it does not depend on how many numbers the weights took.
        torch.manual_seed(self._seed("dropout"))

    @property
    def steps_done(self) -> int:
        """Number of steps since the beginning of the training."""
        return self.steps_before + self.record.steps

    @property
    def total_steps(self) -> int:
        """Number of steps of the whole training."""
        steps = self.settings.epochs * self.task.steps_per_epoch
        return steps if self.settings.max_steps is None else min(steps, self.settings.max_steps)

    def run(self, checkpoint: CheckpointFile, progress: Progress, checkpoint_seconds: float = 60) -> None:
        """Train from the current state to the end, writing a checkpoint periodically and after each epoch.

        Raises:
            Interrupted: SIGINT or SIGTERM arrived; the checkpoint has been written, if that was possible.
            TrainingError: the loss is no longer finite.
        """
        self.model.train()
        self._record_passes()
        with StopRequest() as stop:
            watch = _Watch(self, checkpoint, progress, stop, checkpoint_seconds)
            while self.steps_done < self.total_steps:
                self._run_epoch(watch)
                self._finish_epoch()
                progress.epoch(len(self.history), self.task.epoch_text(self.history[-1]), self.steps_done)
                watch.save()

    def _record_passes(self) -> None:
        if self._record is None or not isinstance(self.passes, EagerPasses):
            return
        batch = self.task.recordable_batch()
        if batch is not None:
            self.passes = recorded_if_possible(self.passes, batch, self._record)

    def _run_epoch(self, watch: "_Watch") -> None:
        update, record, task = self._update, self.record, self.task
        probe_every = self.settings.probe.every if self.settings.probe else 0
        first = record.steps
        steps = min(task.steps_per_epoch, self.total_steps - self.steps_before)
        scheduled = self.settings.optimiser.schedule != "constant"
        batches = islice(task.batches(len(self.history), first), steps - first)
        for step, batch in enumerate(batches, start=self.steps_before + first + 1):
            loss, outputs = self.passes(batch)
            if scheduled:
                self._set_learning_rate(step - 1)
            update()
            record.add(loss, outputs, batch.targets)
            task.carry(outputs)
            if probe_every and step % probe_every == 0:
                self.probes.append({"steps": step, **task.probe(step, float(loss.detach()), record)})
            if watch.is_due():
                watch.look()
        self.check_losses()

    def _set_learning_rate(self, step: int) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = scheduled_rate(self.settings.optimiser, step, self.total_steps)

    def _finish_epoch(self) -> None:
        measured = self.task.end_epoch(self.record)
        number = len(self.history) + 1
        if not all(value is None or isfinite(value) for value in measured.values()):
            raise self._diverged(f"after epoch {number}")
        row = {"epoch": number, "steps": self.steps_done, **measured}
        row |= {"l2_loss": l2_loss(self.model, self.settings.l2), "learning_rate": self.optimiser.param_groups[0]["lr"]}
        self.history.append(row)
        if self.best is not None:
            self.best.offer(row, self.model)
        self.steps_before = self.steps_done
        self.record = EpochRecord(self.task.tally)

    def check_losses(self) -> None:
        """Read the losses of the steps since the last call.

        Raises:
            TrainingError: a loss is not finite.
        """
        self.record.flush()
        step = self.record.first_bad_step()
        if step is not None:
            raise self._diverged(f"in epoch {len(self.history) + 1}, step {step + 1} of {self.task.steps_per_epoch}")

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights the training keeps, so far."""
        return len(self.history) if self.best is None else self.best.epoch

    def kept_weights(self) -> Weights:
        """Return the weights of that epoch by name."""
        return dict(self.model.state_dict()) if self.best is None else self.best.weights

    def history_csv(self) -> str:
        """Return the content of ``history.csv``."""
        return table_csv(history_columns(self.task.history), self.history)

    def probes_csv(self) -> str:
        """Return the content of ``probes.csv``."""
        return table_csv(probe_columns(self.task.probes), self.probes)

    def state(self) -> dict[str, Any]:
        """Return everything that the rest of the training depends on."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": random_state(self.device),
            "best": None if self.best is None else self.best.state(),
            "history": [dict(row) for row in self.history],
            "probes": [dict(row) for row in self.probes],
            "record": self.record.state(),
            "steps_before": self.steps_before,
            "task": self.task.state(),
            "seconds": self.seconds,
            "resumed": self.resumed,
            "processors": self.processors,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a state that ``state`` returned."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self._update = Updates(self.optimiser, self.settings.optimiser.clip)
        restore_random_state(state["random"], self.device)
        if self.best is not None:
            self.best.restore(state["best"])
        self.history = list(state["history"])
        self.probes = list(state["probes"])
        self.record.restore(state["record"])
        self.steps_before = state["steps_before"]
        self.task.restore(state["task"])
        self.seconds = state["seconds"]
        self.resumed = state["resumed"] + 1
        self.processors = list(dict.fromkeys([*state["processors"], *self.processors]))

    def _seed(self, *purpose: str | int) -> int:
        return derive_seed(self.settings.global_seed, self.settings.id, self.settings.seed, *purpose)

    def _diverged(self, where: str) -> TrainingError:
        return TrainingError(
            f"{self.settings.id} seed {self.settings.seed}: the loss is not finite {where}, "
            f"with learning rate {self.optimiser.param_groups[0]['lr']:g}; try a smaller one"
        )


class _Watch:
    """Looks after a running training: reads its losses, saves it, and stops it on request."""

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
        self.unsaved = ""  # why there is no checkpoint of the last save
        self.next_look = self.saved + self.look_seconds

    def is_due(self) -> bool:
        """Return whether it is time to look; asked after each step."""
        return time.monotonic() >= self.next_look or self.stop.signal is not None

    def look(self) -> None:
        """Read the losses, show the progress, and save or stop if due."""
        self.training.check_losses()
        self.progress.at(self.training.steps_done)
        if self.stop.signal is not None:
            self.save()
            raise Interrupted(self.stop.signal)
        if time.monotonic() - self.saved >= self.checkpoint_seconds:
            self.save()
        self.next_look = time.monotonic() + self.look_seconds

    def save(self) -> None:
        """Write the checkpoint; if that cannot be done, say so."""
        now = time.monotonic()
        self.training.seconds += now - self.saved
        self.saved = now
        try:
            self.checkpoint.save(self.training.state())
            self.unsaved = ""
        except StorageError as error:
            # Without it an interruption costs time, but the end of the training would cost more.
            if str(error) != self.unsaved:
                self.progress.note(f"no checkpoint could be written, and the training goes on ({error})")
            self.unsaved = str(error)
