"""The trained networks that section 7 converts, with what each makes of some test pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rework.artefacts.context import ArtefactContext
from rework.inspection.subject import subject_of
from rework.settings.artefact import RunReference
from rework.settings.run import RunSettings
from rework.training.determinism import make_deterministic


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network in evaluation mode, on the CPU.

    Attributes:
        run: the run that trained it.
        seed: of its training.
        model: the network itself.
        inputs: the first test pictures, scaled as in the training, N x C x H x W.
        outputs: what the network makes of them, N x classes.
    """

    run: RunReference
    seed: int
    model: nn.Module
    inputs: Tensor
    outputs: Tensor


def trained_networks(context: ArtefactContext, pictures: int) -> Iterator[TrainedNetwork]:
    """Yield the network of each run and seed of an artefact, with up to ``pictures`` test pictures."""
    make_deterministic(threads=1)
    datasets = {name: context.dataset(name) for name in dict.fromkeys(run.dataset for run in context.settings.runs)}
    for run in context.settings.runs:
        for seed in run.seeds:
            settings = RunSettings.from_json(context.provenance(run.run, seed)["settings"])
            subject = subject_of(settings, context.weights(run.run, seed), datasets[run.dataset])
            inputs = subject.test.take(slice(min(pictures, len(subject.test))))[0].contiguous()
            with torch.no_grad():
                outputs = subject.model(inputs)
            yield TrainedNetwork(run, seed, subject.model, inputs, outputs)
