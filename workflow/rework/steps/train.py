"""Step ``train``: train one run with one seed."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from rework.datasets.store import open_dataset
from rework.errors import DataError
from rework.files import atomic_path, canonical_json, sha256_text, write_text
from rework.models.description import check_layers, describe_layers, parameter_count
from rework.paths import TRAINED_FILES, checkpoint_file, dataset_dir, finished_dir, initial_weights_file, run_dir
from rework.provenance import code_fingerprint, hashed_inputs, origin, packages_hash
from rework.settings.plain import plain
from rework.settings.run import RunSettings
from rework.steps.arguments import results_dir
from rework.steps.device_arguments import add_device_arguments, on_device
from rework.steps.records import write_run_record
from rework.steps.run_arguments import add_run_arguments, run_settings
from rework.training.checkpoint import CheckpointFile, discard_partials
from rework.training.finished import FinishedTraining
from rework.training.interruption import Interrupted
from rework.training.loop import Training
from rework.training.one_at_a_time import only_training
from rework.training.passes import record_cuda_graph
from rework.training.progress import Progress, duration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_run_arguments(parser)
    add_device_arguments(parser)
    parser.add_argument(
        "--no-cuda-graphs",
        dest="cuda_graphs",
        action="store_false",
        help="on a GPU, run the operations of a step one by one instead of recording them once",
    )
    parser.add_argument(
        "--checkpoint-seconds",
        type=float,
        default=60,
        metavar="S",
        help="time between checkpoints within an epoch (default: 60)",
    )


@on_device
def main(arguments: argparse.Namespace, device: torch.device) -> None:
    """Write weights, history and provenance of a training into the folder of its run and seed."""
    settings, results = run_settings(arguments), results_dir(arguments)
    dataset = open_dataset(dataset_dir(results, settings.data.dataset))
    weights = _initial_weights(results, settings)
    record = record_cuda_graph if device.type == "cuda" and arguments.cuda_graphs else None
    read = [dataset_dir(results, dataset.name) / "dataset.json", *([] if weights is None else [weights])]
    inputs = hashed_inputs(results, *read)
    training = Training(settings, dataset, device, weights, record)
    check_layers(training.model, settings.capture.layers)  # the evaluation reads them, perhaps hours later
    place = (results, settings.writeup, settings.run, settings.seed)
    same = identity(training, inputs)
    finished = FinishedTraining(finished_dir(*place), same)
    checkpoint = CheckpointFile(checkpoint_file(*place), same)
    title = f"{settings.id} seed {settings.seed}"
    with only_training(checkpoint.path, title):
        if finished.restore(run_dir(*place)):  # perhaps by another process, since this one began
            print(
                f"{title}: this very training was finished before, and its results are back in {run_dir(*place)}; to "
                f"train again, remove {finished.folder}"
            )
            return
        _train(training, checkpoint, arguments.checkpoint_seconds)
        _write_results(training, inputs, results)
        finished.keep(run_dir(*place))
        checkpoint.delete()


def identity(training: Training, inputs: Mapping[str, str]) -> str:
    """Return a hash of everything that the state of a training depends on; ``inputs`` are files with their hashes."""
    return sha256_text(
        canonical_json(
            {
                "settings": plain(training.settings),
                "code": code_fingerprint("rework.steps.train", *training.settings.modules),
                "inputs": dict(inputs),
                # Not which processor: on a cluster, a training could never end. The provenance names all of them.
                "device": training.device.type,
                "number_format": plain(training.number_format),
                "packages": packages_hash("training"),
                "torch": torch.__version__,
            }
        )
    )


def _initial_weights(results: Path, settings: RunSettings) -> Path | None:
    if settings.initial is None:
        return None
    path = initial_weights_file(results, settings.initial.asset)
    if not path.is_file():
        raise DataError(f"{path}: no such file; 'python -m rework weights {settings.initial.asset}' makes it")
    return path


def _train(training: Training, checkpoint: CheckpointFile, checkpoint_seconds: float) -> None:
    """Run the training to its end, from its checkpoint if there is one."""
    settings = training.settings
    title = f"{settings.id} seed {settings.seed}"
    notes: list[str] = []
    state = checkpoint.load(notes.append)
    if state is not None:
        training.restore(state)
        notes.append(
            f"continues after {len(training.history)} epochs and {training.record.steps} steps "
            f"({duration(training.seconds)} of training)"
        )
    progress = Progress(title, settings.epochs, training.total_steps, training.steps_done)
    for text in notes:
        progress.note(text)
    try:
        training.run(checkpoint, progress, checkpoint_seconds)
    except Interrupted as interruption:
        goes_on = (
            "continues from the checkpoint" if checkpoint.path.is_file() else "starts anew: there is no checkpoint"
        )
        progress.note(f"stopped by {interruption}; the same command {goes_on}")
        sys.exit(interruption.exit_status)
    finally:
        progress.close()


def _write_results(training: Training, inputs: Mapping[str, str], results: Path) -> None:
    settings = training.settings
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    outputs = [directory / name for name in TRAINED_FILES]
    weights, history, probes = outputs
    for path in (*outputs, directory / "provenance.json"):
        discard_partials(path)
    with atomic_path(weights) as partial:
        save_file({name: tensor.contiguous().cpu() for name, tensor in training.kept_weights().items()}, partial)
    write_text(history, training.history_csv())
    write_text(probes, training.probes_csv())
    write_run_record(
        directory,
        settings,
        origin("train", "training", *settings.modules, inputs=inputs, outputs=outputs),
        device=f"cuda ({training.processors[-1]})" if training.device.type == "cuda" else "cpu",
        precision=training.number_format.precision,
        number_format=plain(training.number_format),
        passes=training.passes.description,
        seconds=training.seconds,
        seconds_per_epoch=training.seconds / len(training.history),
        steps=training.steps_done,
        kept_epoch=training.kept_epoch,
        resumed=training.resumed,
        processors=training.processors,
        parameters=parameter_count(training.model),
        layers=[plain(layer) for layer in describe_layers(training.model)],
    )
    print(f"{settings.id} seed {settings.seed}: weights, history and provenance in {directory}")
