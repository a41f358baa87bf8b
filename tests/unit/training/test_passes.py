"""Recorded passes: the same training as without them, and none if a recording does not compute the same.

A GPU's recorder is replaced by one that computes anew into the memory of the first results, as a replay does.
"""

import io
from contextlib import contextmanager, nullcontext

import pytest
import torch
from crashing_trainings import CPU, CrashError, CrashingCheckpoint, outcome
from rework.datasets.store import open_dataset
from rework.settings.run import OptimiserSettings
from rework.training.batches import Batch
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.passes import EagerPasses, RecordedPasses, Recording, record_cuda_graph
from rework.training.progress import Progress
from tiny_runs import a_run, write_tiny_dataset
from torch import nn
from torch.nn.functional import cross_entropy


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_dataset(tmp_path_factory.mktemp("results")))


def train(settings, dataset, path, record=None, checkpoint_class=CheckpointFile, *rest, device=CPU):
    training = Training(settings, dataset, device, record=record)
    checkpoint = checkpoint_class(path, "", *rest)
    state = checkpoint.load(print)
    if state is not None:
        training.restore(state)
    progress = Progress("test", settings.epochs, training.total_steps, training.steps_done, io.StringIO())
    training.run(checkpoint, progress, 0 if rest else 60)
    return training


class Memory:
    """Records by keeping the memory of the results, and counts replays."""

    def __init__(self):
        self.replays = 0

    def __call__(self, action):
        results = action()

        def replay():
            self.replays += 1
            for kept, new in zip(results, action(), strict=True):
                kept.copy_(new)

        return Recording(results, replay)


def forgetful(action):
    """A recorder whose replays draw no random numbers, as if the graph held those of the recording."""
    results = action()

    def replay():
        state = torch.get_rng_state()
        for kept, new in zip(results, action(), strict=True):
            kept.copy_(new)
        torch.set_rng_state(state)

    return Recording(results, replay)


def stale(action):
    """A recorder whose replays do nothing."""
    return Recording(action(), lambda: None)


def refusing(_action):
    raise RuntimeError("operation not permitted when stream is capturing\nCompile with ...")


@pytest.mark.parametrize(
    "optimiser",
    [OptimiserSettings("sgd", 0.05, {"momentum": 0.9}), OptimiserSettings("adam", 1e-3)],
    ids=["sgd", "adam"],
)
def test_a_recorded_training_is_the_same_to_the_byte(tmp_path, dataset, optimiser):
    settings = a_run(optimiser=optimiser)
    expected = train(settings, dataset, tmp_path / "eager.pt")
    memory = Memory()
    found = train(settings, dataset, tmp_path / "recorded.pt", memory)
    assert found.passes.description == "recorded"
    # One to check the recording; of the 13 batches of an epoch the last is smaller.
    assert memory.replays == 1 + 12 * settings.epochs
    assert outcome(found) == outcome(expected)


def test_a_recorded_training_resumes_to_the_same_bytes(tmp_path, dataset):
    settings = a_run()
    expected = train(settings, dataset, tmp_path / "whole.pt", Memory())
    with pytest.raises(CrashError):
        train(settings, dataset, tmp_path / "crashed.pt", Memory(), CrashingCheckpoint, 5)
    assert outcome(train(settings, dataset, tmp_path / "crashed.pt", Memory())) == outcome(expected)


@pytest.mark.parametrize(
    ("record", "reason"),
    [(forgetful, "computes something else"), (stale, "computes something else"), (refusing, "not permitted")],
)
def test_what_cannot_be_recorded_trains_without(tmp_path, dataset, record, reason):
    settings = a_run()
    expected = train(settings, dataset, tmp_path / "eager.pt")
    found = train(settings, dataset, tmp_path / "other.pt", record)
    assert isinstance(found.passes, EagerPasses)
    assert reason in found.passes.description
    assert "\n" not in found.passes.description
    assert outcome(found) == outcome(expected)


class Stream:
    device = torch.device("cuda", 0)


class Generator:
    """Stands for that of a GPU, whose state knows whether it is being recorded."""

    def __init__(self):
        self.state = {"recorded": False}

    def clone_state(self):
        clone = Generator()
        clone.state = dict(self.state)
        return clone

    def graphsafe_set_state(self, other):
        self.state = other.state


def test_a_recording_that_breaks_off_leaves_stream_and_generator_as_they_were(monkeypatch):
    streams, generator = [Stream()], Generator()
    before = streams[-1]

    @contextmanager
    def graph(_graph):
        streams.append(Stream())
        generator.state["recorded"] = True
        yield

    for name, fake in {
        "CUDAGraph": object,
        "graph": graph,
        "current_stream": lambda: streams[-1],
        "set_stream": streams.append,
        "default_generators": (generator,),
    }.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    with pytest.raises(RuntimeError, match="not permitted"):
        record_cuda_graph(lambda: refusing(None))
    assert streams[-1] is before
    assert generator.state == {"recorded": False}


def test_recording_changes_neither_weights_nor_buffers_nor_random_numbers():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Flatten(), nn.Linear(8, 3))
    frozen = model[0].bias.requires_grad_(False)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    eager = EagerPasses(model, lambda outputs, batch: cross_entropy(outputs[0], batch.targets), nullcontext)
    batch = Batch((torch.rand(4, 1, 4, 4),), torch.tensor([0, 1, 2, 0]))
    torch.set_rng_state(state)
    passes = RecordedPasses(eager, batch, Memory())
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    passes(batch)
    assert frozen.grad is None
    assert all(parameter.grad is not None for parameter in model.parameters() if parameter is not frozen)
    assert model[1].num_batches_tracked == 1


def test_results_are_not_overwritten_by_the_next_step(dataset):
    training = Training(a_run(), dataset, CPU)
    first, second = list(training.task.batches(0, 0))[:2]
    passes = RecordedPasses(training.passes, first, Memory())
    loss, outputs = passes(first)
    kept = loss.clone(), outputs[0].clone()
    passes(second)
    assert torch.equal(loss, kept[0])
    assert torch.equal(outputs[0], kept[1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_training_recorded_as_a_cuda_graph_is_the_eager_one(tmp_path, dataset):
    device, settings = torch.device("cuda"), a_run()
    expected = train(settings, dataset, tmp_path / "eager.pt", device=device)
    found = train(settings, dataset, tmp_path / "graph.pt", record_cuda_graph, device=device)
    assert found.passes.description == "recorded"
    for name, tensor in expected.model.state_dict().items():
        torch.testing.assert_close(found.model.state_dict()[name], tensor, rtol=1e-3, atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_what_a_cuda_graph_cannot_hold_trains_without(tmp_path, dataset):
    """Reading a result waits for it, which aborts the recording after the model has drawn random numbers."""
    device, settings = torch.device("cuda"), a_run()

    def reading(action):
        return record_cuda_graph(lambda: [tensor * float(tensor.sum()) for tensor in action()])

    expected = train(settings, dataset, tmp_path / "eager.pt", device=device)
    found = train(settings, dataset, tmp_path / "other.pt", reading, device=device)
    assert isinstance(found.passes, EagerPasses)
    assert outcome(found) == outcome(expected)
