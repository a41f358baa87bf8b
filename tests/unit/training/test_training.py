"""The training loop: against a plain loop, against itself, resumed at every kind of moment, and refusing nonsense."""

import hashlib
import io
import itertools
import shutil

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from crashing_trainings import CPU, CrashError, CrashingCheckpoint, outcome
from hypothesis import given
from hypothesis import strategies as st
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, TrainingError
from rework.fingerprint import SourceTree
from rework.models import cifar_cnn, fashion_cnn, feedforward, mnist_cnn
from rework.models.building import build_model
from rework.provenance import cpu_model
from rework.seeds import derive_seed
from rework.settings.run import ModelSettings, OptimiserSettings
from rework.steps import train as train_step
from rework.training import precision
from rework.training.batches import Batch, epoch_order
from rework.training.checkpoint import CheckpointFile
from rework.training.determinism import make_deterministic
from rework.training.devices import choose_device
from rework.training.history import history_columns, probe_columns, table_csv
from rework.training.loop import Training
from rework.training.optimisers import build_optimiser, scheduled_rate
from rework.training.precision import choose_number_format, convolution_multiplications
from rework.training.progress import Progress, duration
from rework.training.record import EpochRecord, Tally
from rework.training.tasks import classification
from sklearn.metrics import log_loss
from tiny_runs import a_run, write_tiny_dataset
from workflow_copy import REPOSITORY

# 100 examples in batches of 8: 13 steps an epoch, the last of them with 4 examples.
STEPS = 13
OPTIMISERS = [
    OptimiserSettings("sgd", 0.05),
    OptimiserSettings("sgd", 0.02, {"momentum": 0.9, "weight_decay": 1e-3}),
    OptimiserSettings("adam", 1e-3),
]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_dataset(tmp_path_factory.mktemp("results")))


def train(settings, dataset, checkpoint, seconds=60.0, device=CPU):
    """Train, from the checkpoint if there is one; return the training and what it printed."""
    training = Training(settings, dataset, device)
    notes = []
    state = checkpoint.load(notes.append)
    if state is not None:
        training.restore(state)
    log = io.StringIO()
    progress = Progress("test", settings.epochs, training.total_steps, training.steps_done, log)
    training.run(checkpoint, progress, seconds)
    return training, "".join(notes) + log.getvalue()


# With a save after every step and after every epoch: in the middle of the first epoch, after its last step but before
# its end, at its end, and in the second epoch.
@pytest.mark.slow
@pytest.mark.parametrize("saves", [1, 5, STEPS, STEPS + 1, STEPS + 4])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda optimiser: f"{optimiser.name}-{len(optimiser.options)}")
def test_a_crashed_training_resumes_to_the_same_bytes(tmp_path, dataset, optimiser, saves):
    settings = a_run(optimiser=optimiser)
    expected, _ = train(settings, dataset, CheckpointFile(tmp_path / "whole.pt", "same"))
    with pytest.raises(CrashError):
        train(settings, dataset, CrashingCheckpoint(tmp_path / "crashed.pt", "same", saves), seconds=0)
    torch.manual_seed(99)
    resumed, _ = train(settings, dataset, CheckpointFile(tmp_path / "crashed.pt", "same"))
    assert resumed.resumed == 1
    assert resumed.steps_done == expected.steps_done == settings.epochs * STEPS
    assert outcome(resumed) == outcome(expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda optimiser: f"{optimiser.name}-{len(optimiser.options)}")
def test_a_crashed_training_resumes_to_the_same_bytes_on_a_gpu(tmp_path, dataset, optimiser):
    settings, device = a_run(optimiser=optimiser), torch.device("cuda")
    expected, _ = train(settings, dataset, CheckpointFile(tmp_path / "whole.pt", ""), device=device)
    with pytest.raises(CrashError):
        train(settings, dataset, CrashingCheckpoint(tmp_path / "crashed.pt", "", 5), seconds=0, device=device)
    torch.cuda.manual_seed(99)
    resumed, _ = train(settings, dataset, CheckpointFile(tmp_path / "crashed.pt", ""), device=device)
    assert outcome(resumed) == outcome(expected)


def test_the_same_run_gives_the_same_bytes_and_another_seed_others(tmp_path, dataset):
    first, second, other = (
        outcome(train(a_run(seed=seed), dataset, CheckpointFile(tmp_path / f"{number}.pt", ""))[0])
        for number, seed in enumerate((0, 0, 1))
    )
    assert first == second
    assert first[0] != other[0]
    assert first[1] != other[1]


def test_the_random_state_matters_to_a_resume(tmp_path, dataset):
    """Without the generators' state a resumed dropout would differ: the test above can fail."""
    settings = a_run()
    expected, _ = train(settings, dataset, CheckpointFile(tmp_path / "whole.pt", ""))
    checkpoint = CrashingCheckpoint(tmp_path / "crashed.pt", "", 5)
    with pytest.raises(CrashError):
        train(settings, dataset, checkpoint, seconds=0)
    state = checkpoint.load(print)
    state["random"]["cpu"] = torch.Generator().manual_seed(1).get_state()
    CheckpointFile(checkpoint.path, "").save(state)
    changed, _ = train(settings, dataset, CheckpointFile(checkpoint.path, ""))
    assert outcome(changed)[0] != outcome(expected)[0]


def plain_training(settings, dataset):
    """Train as a textbook does: examples picked one by one, standard layout, no record, no checkpoint."""
    seed = [derive_seed(settings.global_seed, settings.id, settings.seed, name) for name in ("weights", "dropout")]
    torch.manual_seed(seed[0])
    model = build_model(settings.model)
    optimiser = torch.optim.SGD(model.parameters(), lr=settings.optimiser.learning_rate, foreach=False)
    torch.manual_seed(seed[1])
    arrays, rows, step = dataset.splits["train"], [], 0
    for epoch in range(settings.epochs):
        losses, hits = [], 0
        order = iter(epoch_order(settings, epoch, len(arrays.targets)).tolist())
        while batch := list(itertools.islice(order, settings.batch_size)):
            inputs = torch.stack([torch.tensor(arrays.inputs[i] / 255, dtype=torch.float32) for i in batch])
            targets = torch.tensor([int(arrays.targets[i]) for i in batch])
            optimiser.param_groups[0]["lr"] = scheduled_rate(settings.optimiser, step, settings.epochs * STEPS)
            step += 1
            optimiser.zero_grad()
            outputs = model(inputs)
            loss = F.nll_loss(outputs, targets)
            loss.backward()
            optimiser.step()
            losses += [loss.item()] * len(batch)
            hits += int((outputs.argmax(1) == targets).sum())
        rows.append((float(np.mean(losses)), hits / len(losses)))
    return model, rows


@pytest.mark.parametrize("schedule", ["constant", "linear"])
def test_the_loop_computes_what_a_plain_loop_computes(tmp_path, dataset, schedule):
    """With a rate for each step, which is set before the step: one set after it would be a step late."""
    settings = a_run(optimiser=OptimiserSettings("sgd", 0.05, schedule=schedule))
    training, _ = train(settings, dataset, CheckpointFile(tmp_path / "c.pt", ""))
    model, rows = plain_training(settings, dataset)
    for name, tensor in training.model.state_dict().items():
        torch.testing.assert_close(tensor, model.state_dict()[name], rtol=1e-3, atol=1e-5, msg=name)
    for result, (loss, accuracy) in zip(training.history, rows, strict=True):
        assert result["train_loss"] == pytest.approx(loss, rel=1e-5)
        assert result["train_accuracy"] == accuracy
    validation = dataset.splits["validation"]
    with torch.no_grad():
        outputs = model.eval()(torch.tensor(validation.inputs / 255, dtype=torch.float32))
    assert training.history[-1]["validation_loss"] == pytest.approx(
        log_loss(validation.targets, outputs.double().softmax(1), labels=range(10)), rel=1e-4
    )


def test_it_learns(tmp_path, dataset):
    settings = a_run(model=ModelSettings("feedforward"), loss="cross-entropy", epochs=15)
    training, _ = train(settings, dataset, CheckpointFile(tmp_path / "c.pt", ""))
    assert training.history[-1]["validation_accuracy"] > 0.8
    assert training.history[-1]["train_loss"] < training.history[0]["train_loss"] / 2


def test_a_diverged_training_names_run_seed_epoch_and_learning_rate(tmp_path, dataset):
    settings = a_run(optimiser=OptimiserSettings("sgd", 1e30))
    with pytest.raises(
        TrainingError, match=r"tests/cnn seed 0: the loss is not finite in epoch 1, step \d of 13.*rate 1e\+30"
    ):
        train(settings, dataset, CheckpointFile(tmp_path / "c.pt", ""), seconds=0)
    state = CheckpointFile(tmp_path / "c.pt", "").load(print)
    assert state is None or torch.isfinite(state["record"]["losses"]).all(), "no checkpoint holds a broken state"


def test_a_checkpoint_of_another_training_is_ignored_with_a_message(tmp_path, dataset):
    train(a_run(), dataset, CheckpointFile(tmp_path / "c.pt", "old settings"))
    training, log = train(a_run(), dataset, CheckpointFile(tmp_path / "c.pt", "new settings"))
    assert training.resumed == 0
    assert "c.pt is of other settings, code, packages, data or kind of device and is ignored" in log


def test_the_identity_of_a_training_covers_settings_data_device_and_precision(dataset):
    training = Training(a_run(), dataset, CPU)
    inputs = {"dataset.json": dataset.sha256}
    same = train_step.identity(Training(a_run(), dataset, CPU), inputs)
    others = [
        train_step.identity(Training(a_run(optimiser=OptimiserSettings("sgd", 0.06)), dataset, CPU), inputs),
        train_step.identity(Training(a_run(precision="bf16"), dataset, CPU), inputs),
        train_step.identity(training, {"dataset.json": "another"}),
        train_step.identity(training, {**inputs, "weights.safetensors": "some"}),
    ]
    assert train_step.identity(training, inputs) == same
    training.device = torch.device("cuda")
    assert len({same, *others, train_step.identity(training, inputs)}) == 6


def test_the_identity_of_a_training_covers_its_code(tmp_path, monkeypatch):
    """An edit of any module that the training imports, or of its model, is another training; one elsewhere is not."""
    shutil.copytree(REPOSITORY / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    dataset = open_dataset(write_tiny_dataset(tmp_path))
    training = Training(a_run(), dataset, CPU)

    def identity_after(edited=None):
        if edited is not None:
            with (tmp_path / "workflow" / "rework" / edited).open("a") as file:
                file.write("\nEDITED = 1\n")
        monkeypatch.setattr(train_step, "code_fingerprint", SourceTree(tmp_path / "workflow").fingerprint)
        return train_step.identity(training, {})

    first = identity_after()
    assert identity_after("report/listings.py") == identity_after("models/feedforward.py") == first
    seen = [first, *(identity_after(f"{name}.py") for name in ("training/optimisers", "models/fashion_cnn"))]
    assert len(set(seen)) == 3


@pytest.mark.parametrize("state", [None, [1, 2], "absent"])
def test_a_checkpoint_without_a_state_is_ignored_with_a_message(tmp_path, state):
    stream, notes = io.BytesIO(), []
    torch.save({"identity": "same"} if state == "absent" else {"identity": "same", "state": state}, stream)
    (tmp_path / "c.pt").write_bytes(with_checksum(stream.getvalue()))
    assert CheckpointFile(tmp_path / "c.pt", "same").load(notes.append) is None
    assert "c.pt cannot be read and is ignored (it holds no state)" in notes[0]


def with_checksum(content):
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut off", b"\x80\x02}q\x00."])
@pytest.mark.parametrize("checked", [True, False])
def test_a_damaged_checkpoint_is_ignored_with_a_message(tmp_path, content, checked):
    (tmp_path / "c.pt").write_bytes(with_checksum(content) if checked else content)
    notes = []
    assert CheckpointFile(tmp_path / "c.pt", "").load(notes.append) is None
    assert ("cannot be read" in notes[0]) or ("is of other" in notes[0]) if checked else "is damaged" in notes[0]


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(tmp_path_factory, place, bit):
    file = CheckpointFile(tmp_path_factory.getbasetemp() / "flipped.pt", "identity")
    file.save({"weights": torch.arange(20.0), "epoch": 3})
    content = bytearray(file.path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.path.write_bytes(content)
    notes = []
    assert file.load(notes.append) is None
    assert "flipped.pt is damaged and is ignored" in notes[0]


def test_a_folder_in_the_place_of_a_checkpoint_is_a_note(tmp_path):
    (tmp_path / "c.pt").mkdir()
    notes = []
    assert CheckpointFile(tmp_path / "c.pt", "").load(notes.append) is None
    assert "cannot be read" in notes[0]


def test_a_training_continued_on_another_machine_says_so(dataset):
    training = Training(a_run(), dataset, CPU)
    state = {**training.state(), "processors": ["Another 3000"]}
    training.restore(state)
    assert training.processors == ["Another 3000", cpu_model()]


def test_a_checkpoint_that_holds_code_is_not_run(tmp_path):
    class Malicious:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    stream = io.BytesIO()
    torch.save({"identity": "", "state": Malicious()}, stream)
    (tmp_path / "c.pt").write_bytes(with_checksum(stream.getvalue()))
    assert CheckpointFile(tmp_path / "c.pt", "").load(lambda _: None) is None
    assert not (tmp_path / "harm").exists()


def test_partial_files_of_a_killed_process_are_removed(tmp_path):
    (tmp_path / ".c.pt.abc").write_bytes(b"half")
    (tmp_path / ".d.pt.abc").write_bytes(b"another training's")
    CheckpointFile(tmp_path / "c.pt", "").load(print)
    assert [path.name for path in tmp_path.iterdir()] == [".d.pt.abc"]


def test_torch_refuses_what_is_not_deterministic():
    make_deterministic(threads=1)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.get_num_threads() == 1
    with pytest.raises(RuntimeError, match="deterministic"):
        torch.zeros(3).put_(torch.tensor([0]), torch.ones(1))


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    assert choose_device("cpu") == CPU
    with pytest.raises(ConfigError, match=r"device cuda was asked for.*sees no GPU"):
        choose_device("cuda")
    with pytest.raises(ConfigError, match="'gpu': expected auto, cpu or cuda"):
        choose_device("gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == choose_device("cuda").type == "cuda"
    assert choose_device("cpu") == CPU


def updated_by_hand(settings, weight, gradients):
    """Apply the textbook update once per gradient, in float64."""
    options, rate = settings.options, settings.learning_rate
    velocity = first = second = np.zeros_like(weight)
    for step, raw in enumerate(gradients, start=1):
        gradient = raw + options.get("weight_decay", 0) * weight
        if settings.name == "sgd":
            velocity = gradient if step == 1 else options.get("momentum", 0) * velocity + gradient
            weight = weight - rate * velocity
        else:
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            weight = weight - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weight


@pytest.mark.parametrize("settings", OPTIMISERS, ids=lambda settings: f"{settings.name}-{len(settings.options)}")
def test_optimisers_against_an_update_by_hand(settings):
    generator = np.random.default_rng(0)
    weight, gradients = generator.normal(size=(4, 3)), generator.normal(size=(5, 4, 3))
    parameter = torch.nn.Parameter(torch.tensor(weight))
    optimiser = build_optimiser([parameter], settings, CPU)
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimiser.step()
    np.testing.assert_allclose(parameter.detach().numpy(), updated_by_hand(settings, weight, gradients), rtol=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (OptimiserSettings("sdg", 0.1), "optimiser 'sdg': expected one of sgd, adam"),
        (OptimiserSettings("sgd", 0.1, {"momentun": 0.9}), "unknown option 'momentun'; expected momentum"),
        (OptimiserSettings("sgd", -0.1), "optimiser 'sgd'.*learning rate"),
    ],
)
def test_wrong_optimisers_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        build_optimiser([torch.nn.Parameter(torch.zeros(1))], settings, CPU)


def test_losses_against_scikit_learn(dataset):
    logits, targets = torch.randn(20, 4), torch.arange(20) % 4
    expected = log_loss(targets, logits.double().softmax(1), labels=range(4))
    model, batch = fashion_cnn.build(), Batch((), targets)
    for loss, outputs in (("cross-entropy", logits), ("nll", logits.log_softmax(1))):
        task = classification.build(a_run(loss=loss), dataset, model)
        assert float(task.loss((outputs,), batch)) == pytest.approx(expected, rel=1e-5)
    for name in ("mse", "crf"):
        with pytest.raises(ConfigError, match=f"loss '{name}': expected one of nll, cross-entropy"):
            classification.build(a_run(loss=name), dataset, model)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ModelSettings("feedforward")}, "log-probabilities"),
        ({"model": ModelSettings("feedforward", {"classes": 7}), "loss": "cross-entropy"}, r"\(7,\).*10 classes"),
        ({"model": ModelSettings("single-conv-cnn"), "loss": "cross-entropy"}, r"\(3, 28, 28\).*tiny has \(1, 28, 28"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_before_training(dataset, changes, message):
    with pytest.raises(ConfigError, match=message):
        Training(a_run(**changes), dataset, CPU)


def test_multiplications_of_convolutions():
    by_hand = 28 * 28 * 16 * (3 * 3 * 1) + 12 * 12 * 32 * (3 * 3 * 16)
    assert convolution_multiplications(fashion_cnn.build()) == by_hand
    assert convolution_multiplications(feedforward.build()) == 0


@pytest.mark.parametrize(
    ("setting", "model", "batch_size", "processor", "device", "expected"),
    [
        ("fp32", fashion_cnn, 10**6, True, "cpu", ("fp32", True)),
        ("bf16", fashion_cnn, 1, False, "cpu", ("bf16", True)),
        ("auto", fashion_cnn, 8, True, "cpu", ("fp32", True)),
        ("auto", fashion_cnn, 10**6, True, "cpu", ("bf16", True)),
        ("auto", cifar_cnn, 5, True, "cpu", ("bf16", True)),
        ("auto", mnist_cnn, 5, True, "cpu", ("fp32", True)),
        ("auto", fashion_cnn, 10**6, False, "cpu", ("fp32", True)),
        ("auto", feedforward, 10**6, True, "cpu", ("fp32", False)),
        ("auto", fashion_cnn, 10**6, True, "cuda", ("fp32", False)),
    ],
)
def test_number_formats(monkeypatch, setting, model, batch_size, processor, device, expected):
    monkeypatch.setattr(precision, "_computes_in_bf16", lambda: processor)
    settings = a_run(precision=setting, batch_size=batch_size)
    chosen = choose_number_format(settings, model.build(), torch.device(device))
    assert (chosen.precision, chosen.channels_last) == expected
    assert chosen.reason


def test_bf16_is_used_and_stays_near_fp32(tmp_path, dataset):
    losses = {}
    for setting in ("fp32", "bf16"):
        training, _ = train(a_run(precision=setting), dataset, CheckpointFile(tmp_path / f"{setting}.pt", ""))
        losses[setting] = training.history[-1]["train_loss"]
        assert {tensor.dtype for tensor in training.model.state_dict().values()} == {torch.float32}
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], rel=0.02)


def test_when_the_record_is_read_does_not_change_it():
    generator = torch.Generator().manual_seed(0)
    steps = [(torch.rand((), generator=generator), torch.rand(4, 3, generator=generator)) for _ in range(6)]

    def tally(found):
        sizes = torch.tensor([len(step.targets) for step in found])
        # Sums of such numbers depend on their order.
        return Tally(sizes, torch.stack([step.outputs[0].double().exp().sum() for step in found]).unsqueeze(1))

    records = []
    for every in (1, 4, 100):
        record = EpochRecord(tally)
        for number, (loss, outputs) in enumerate(steps, start=1):
            size = 4 if number < 6 else 2
            record.add(loss, (outputs[:size],), torch.arange(size) % 3)
            if number % every == 0:
                record.flush()
        record.flush()
        records.append((record.mean_loss(), record.means()))
    assert records[0] == records[1] == records[2]
    weighted = sum(float(loss) * size for (loss, _), size in zip(steps, [4] * 5 + [2], strict=True)) / 22
    assert records[0][0] == pytest.approx(weighted, rel=1e-6)


def test_history_is_csv_with_all_digits():
    columns = history_columns(classification.HISTORY)
    text = table_csv(columns, [dict(zip(columns, [1, 7, 1 / 3, 0.5, 2 / 3, 0.25, None, 0.0, 0.01], strict=True))])
    assert text == (
        "epoch,steps,train_loss,train_accuracy,validation_loss,validation_accuracy,test_accuracy,l2_loss,learning_rate\n"
        "1,7,0.3333333333333333,0.5,0.6666666666666666,0.25,,0.0,0.01\n"
    )
    assert table_csv(probe_columns(("psnr",)), []) == "steps,psnr\n"
    with pytest.raises(ValueError, match="a row holds steps, but the columns are steps, psnr"):
        table_csv(probe_columns(("psnr",)), [{"steps": 1}])


def test_progress_writes_a_line_per_epoch(tmp_path, dataset):
    _, log = train(a_run(), dataset, CheckpointFile(tmp_path / "c.pt", ""))
    first, second = log.splitlines()
    assert first.startswith("test: epoch 1/2  loss 2.")
    assert " left)" in first
    assert "validation loss" in second
    assert " left)" not in second
    assert [duration(seconds) for seconds in (4.6, 185, 7621)] == ["5 s", "3 min 05 s", "2 h 07 min"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_shows_a_bar_on_a_terminal_only():
    logs = []
    for stream in (Terminal(), io.StringIO()):
        progress = Progress("test", epochs=2, total=20, done=5, stream=stream)
        progress.at(8)
        progress.epoch(1, "loss 0.5", step=10)
        progress.close()
        logs.append(stream.getvalue())
    assert "5/20" in logs[0], "the bar begins where the checkpoint was"
    assert "epoch 1/2" in logs[0]
    assert logs[1].count("\n") == 1
    assert "/20" not in logs[1]
