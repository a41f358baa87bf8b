"""(b) A good plain PyTorch loop: floats in memory, batches picked by index, eager, one thread, single precision."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from loops.protocols import Problem


def plain_loop(problem: Problem) -> Iterator[None]:
    """Train for ever; yield after each step."""
    data = InMemory(problem)
    model = problem.model()
    optimiser = problem.optimiser(model, _groups(problem, model))
    while True:
        losses, right = 0.0, 0
        for arguments, targets in data.epoch():
            optimiser.zero_grad()
            outputs = model(*arguments)
            loss = problem.loss(outputs, targets)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses += loss.item()
            right += int((outputs.argmax(dim=1) == targets).sum())
            yield


class InMemory:
    """The training split of a problem as floats."""

    def __init__(self, problem: Problem) -> None:
        split = problem.dataset.splits["train"]
        self.settings = problem.settings
        self.inputs, self.targets = torch.tensor(split.inputs).float() / 255, torch.tensor(split.targets)
        if self.settings.data.normalise == "half":
            self.inputs = (self.inputs - 0.5) / 0.5
        self.words = []
        if split.offsets is not None:
            lengths = torch.tensor(split.offsets).diff().tolist()
            self.words = list(zip(self.inputs.split(lengths), self.targets.split(lengths), strict=True))

    def epoch(self) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """Yield what the model is called with and the targets, for each batch of an epoch."""
        for word in torch.randperm(len(self.words)).tolist():
            letters, labels = self.words[word]
            yield (letters, torch.tensor([len(letters)])), labels
        if not self.words:
            for rows in torch.randperm(len(self.inputs)).split(self.settings.batch_size):
                yield (self._augmented(self.inputs[rows]),), self.targets[rows]

    def _augmented(self, pictures: Tensor) -> Tensor:
        augment = self.settings.data.augment
        if augment.flip:
            chosen = torch.rand(len(pictures)) < augment.flip
            pictures[chosen] = pictures[chosen].flip(3)
        if augment.greyscale:
            chosen = torch.rand(len(pictures)) < augment.greyscale
            grey = pictures[chosen] * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
            pictures[chosen] = grey.sum(1, keepdim=True).expand(-1, 3, -1, -1)
        return pictures


def _groups(problem: Problem, model: nn.Module) -> list[dict[str, object]]:
    """Return the weights, on which an L2 term is, and the biases."""
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    return [{"params": weights, "weight_decay": problem.settings.l2.strength}, {"params": biases}]
