"""Made-up results of course-notes: noise for pictures, drawn points and a road, fresh networks, curves by formula."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from fabricated_parts import over, random_readings, write_given_weights, write_metrics, write_noise, write_table
from rework import paths
from rework.datasets import (
    admissions,
    cifar_10,
    fashion_mnist,
    flowers17,
    picture_files,
    style_pictures,
    tables,
    two_class_points,
)
from rework.evaluation.archive import write_npz
from rework.models.building import build_model
from rework.models.description import describe_layers, parameter_count
from rework.recorded import write_record
from rework.samples.admissions import generate as draw_students
from rework.samples.road_photograph import draw_road
from rework.samples.two_class_points import generate as draw_points
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from safetensors.torch import save_file
from tiny_reviews import write_tiny_reviews
from tiny_sequences import write_tiny_sequences, write_tiny_text

SEED, EPOCHS, COUNT = 17, 4, 60
SHAPES = {
    "fashion-mnist": ((1, 28, 28), fashion_mnist.CLASSES),
    "cifar-10": ((3, 32, 32), cifar_10.CLASSES),
    "flowers17": ((3, 16, 16), flowers17.CLASSES),
}
TABLES = {"two-class-points": (draw_points, two_class_points), "admissions": (draw_students, admissions)}
WEIGHTS = ("squeezenet-1-1", "densenet-121", "vgg-19")
STYLE_SIDE = 32
REVIEW_WORDS = 24
BEST = 3  # the epoch with the least made-up validation loss


def prepare(results, catalogue, sample, generator):
    """Write the data sets, the described models, and the records of pretrained weights."""
    for name, (shape, classes) in SHAPES.items():
        write_noise(results, name, sample, generator, shape, classes, COUNT)
    for owner, name in catalogue.model_ids():
        if owner == "course-notes":
            model = build_model(catalogue.model(owner, name))
            layers = [plain(layer) for layer in describe_layers(model)]
            content = {"layers": layers, "parameters": parameter_count(model)}
            write_record(paths.model_description(results, owner, name), content)
    for name, (draw, module) in TABLES.items():
        settings = DatasetSettings(name, sample, (), layout="table")
        raw = paths.raw_dir(results, name)
        draw(raw, SEED, {})
        tables.write_dataset(paths.dataset_dir(results, name), module.read(raw, settings), settings)
    road = np.rint(255 * draw_road(np.random.default_rng(0))).astype(np.uint8)
    settings = DatasetSettings("road-photograph", sample, (), layout="pictures")
    picture_files.write_dataset(paths.dataset_dir(results, settings.name), {"curved_lane": road}, settings)
    settings = DatasetSettings("style-pictures", sample, (), layout="pictures")
    names = [Path(name).stem for name in (*style_pictures.CONTENTS, *style_pictures.STYLES)]
    drawn = {name: generator.integers(0, 256, (40, 44, 3), dtype=np.uint8) for name in names}
    picture_files.write_dataset(paths.dataset_dir(results, settings.name), drawn, settings)
    write_tiny_reviews(results, sample, words=REVIEW_WORDS)
    write_tiny_sequences(results, sample)
    write_tiny_text(results, sample)
    for asset in WEIGHTS:
        write_given_weights(results, asset, sample, {"features.0.weight": np.zeros((1, 1), np.float32)})
    torch.manual_seed(SEED)
    course = build_model(catalogue.run("full", "course-notes", "notes-cnn", 0).model)
    arrays = {name: tensor.numpy() for name, tensor in course.state_dict().items()}
    write_given_weights(results, "udacity-cifar-cnn", sample, arrays)


def write_run(folder, settings, dataset, generator):
    """Write a run of a fresh network: what it says of the test pictures is true, or random for the largest networks."""
    if settings.model.name == "style-picture":
        _write_stylised(folder, settings, generator)
        return
    if dataset.layout == "texts":
        _write_judge(folder, settings, dataset, generator)
        return
    if dataset.layout == "sequences":
        _write_rememberer(folder, settings, dataset, generator)
        return
    if dataset.layout == "characters":
        _write_writer(folder, settings, dataset)
        return
    targets = np.asarray(dataset.splits["test"].targets)
    if settings.model.name == "transfer-network":
        save_file({"classifier.fc2.bias": torch.zeros(1)}, folder / "weights.safetensors")
        readings = random_readings(targets, len(dataset.classes), generator, 1)
    else:
        readings = _fresh(folder, settings, dataset, targets)
    write_npz(folder / "predictions.npz", readings)
    rows = [_epoch(settings, k) for k in range(1, EPOCHS + 1)]
    write_table(folder / "history.csv", rows)
    kept = rows[BEST - 1] if settings.keep else rows[-1]
    accuracy = float((readings["predictions"] == targets).mean())
    values = {"train_accuracy": accuracy + 0.1, "test_accuracy": accuracy, "train_loss": 0.5}
    values |= {"test_loss": 0.7 if settings.keep else 0.9, "generalisation_gap": 0.1}
    values |= {name: kept[name] for name in ("validation_loss", "validation_accuracy")}
    write_metrics(folder, over(COUNT, values), **({"kept_epoch": BEST} if settings.keep else {}))
    content = {"precision": "fp32", "settings": plain(settings), "parameters": 9, "seconds_per_epoch": 2.5}
    write_record(folder / "provenance.json", {**content, "kept_epoch": kept["epoch"]})


def _write_stylised(folder, settings, generator):
    """Write a made-up picture; only the networks that an artefact looks into have weights."""
    small = {**settings.model.parameters, "height": STYLE_SIDE, "width": STYLE_SIDE}
    settings = replace(settings, model=replace(settings.model, parameters=small))
    torch.manual_seed(settings.seed)
    fresh = settings.run == "style-content-4"
    tensors = build_model(settings.model).state_dict() if fresh else {"picture.pixels": torch.zeros(1)}
    save_file(tensors, folder / "weights.safetensors")
    names = ("picture", "content", "style", "start")
    kept = {name: generator.integers(0, 256, (STYLE_SIDE, STYLE_SIDE, 3), dtype=np.uint8) for name in names}
    write_npz(folder / "predictions.npz", {**kept, "style_distances": generator.random(5)})
    steps = [50 * number for number in range(1, EPOCHS + 1)]
    losses = {"total_loss": 90.0, "content_loss": 30.0, "style_loss": 6.0}
    write_table(
        folder / "history.csv",
        [
            {"epoch": place + 1, "steps": done, **{name: value / done for name, value in losses.items()}}
            for place, done in enumerate(steps)
        ],
    )
    # The more the style weighs, the nearer; the pairs differ.
    beta = settings.task.parameters["beta"]
    values = {**losses, "style_distance": (1 + settings.seed) / (10 + np.log10(beta)), "content_distance": 0.5}
    write_metrics(folder, over(1, values))
    content = {"precision": "fp32", "settings": plain(settings), "parameters": 9, "seconds_per_epoch": 2.5}
    write_record(folder / "provenance.json", {**content, "steps": steps[-1], "seconds": 10.0})


def _write_judge(folder, settings, dataset, generator):
    """Write a run that judges reviews at random; its network, if it has one, is small and fresh."""
    engine = settings.task is None
    if not engine:
        small = {"words": 100, "length": REVIEW_WORDS, "embedding": 5, "hidden": 4, "layers": 2}
        settings = replace(settings, model=replace(settings.model, parameters=small))
        torch.manual_seed(settings.seed)
    tensors = {"bias": torch.zeros(1)} if engine else build_model(settings.model).state_dict()
    save_file(tensors, folder / "weights.safetensors")
    targets = np.asarray(dataset.splits["test"].targets)
    names = ("log_odds",) if engine else ("log_odds", "log_odds_alone")
    odds = {name: generator.normal(0, 1, len(targets)).astype(np.float32) for name in names}
    write_npz(folder / "predictions.npz", odds)
    rows = [
        {name: value for name, value in _epoch(settings, k).items() if name != "test_accuracy"} for k in range(1, 5)
    ]
    if not engine:
        write_table(folder / "history.csv", rows)
    values = {name: rows[-1][name] for name in ("validation_loss", "validation_accuracy")}
    for name, found in odds.items():
        test = name.replace("log_odds", "test")
        right = np.where(targets == 1, found, -found).astype(np.float64)
        values |= {
            f"{test}_accuracy": float((right > 0).mean()),
            f"{test}_loss": float(np.log1p(np.exp(-right)).mean()),
        }
    write_metrics(folder, over(len(targets), values))
    content = {"precision": "fp32", "settings": plain(settings), "parameters": 9, "seconds_per_epoch": 2.5}
    write_record(folder / "provenance.json", {**content, "kept_epoch": EPOCHS})


def _write_rememberer(folder, settings, dataset, generator):
    """Write a fresh cell whose made-up answers get worse with the distance, those of the RNN sooner."""
    small = {**settings.model.parameters, "hidden": 3}
    settings = replace(settings, model=replace(settings.model, parameters=small))
    torch.manual_seed(settings.seed)
    save_file(build_model(settings.model, dataset.classes).state_dict(), folder / "weights.safetensors")
    shown = np.bincount(np.asarray(dataset.splits["test"].arrays["distances"]))[1:]
    worst = 0.2 if small["cell"] == "rnn" else 0.9
    right = generator.binomial(shown, np.linspace(1, worst, len(shown))).astype(np.int64)
    write_npz(folder / "predictions.npz", {"right": right, "shown": shown.astype(np.int64)})
    rows = [
        {name: value for name, value in _epoch(settings, k).items() if name != "test_accuracy"} for k in range(1, 5)
    ]
    write_table(folder / "history.csv", rows)
    values = {name: rows[-1][name] for name in ("validation_loss", "validation_accuracy")}
    values |= {"test_accuracy": float(right.sum() / shown.sum()), "test_loss": 0.4}
    values["test_reach"] = 2.0 + settings.seed % 2 if small["cell"] == "rnn" else 6.0
    write_metrics(folder, over(int(shown.sum()), values))
    content = {"precision": "fp32", "settings": plain(settings), "parameters": 9, "seconds_per_epoch": 2.5}
    write_record(folder / "provenance.json", {**content, "kept_epoch": EPOCHS})


def _write_writer(folder, settings, dataset):
    """Write a small fresh language model and falling losses."""
    settings = replace(settings, model=replace(settings.model, parameters={"hidden": 8, "layers": 1, "dropout": 0.0}))
    torch.manual_seed(settings.seed)
    save_file(build_model(settings.model, dataset.classes).state_dict(), folder / "weights.safetensors")
    write_npz(folder / "predictions.npz", {})
    rows = []
    for number in range(1, EPOCHS + 1):
        losses = {"train": 2 + 1 / number, "validation": 1.9 + 1 / number + 0.01 * settings.seed}
        row = {"epoch": number, "steps": 40 * number, "validation_accuracy": 0.3 + 0.1 * number}
        row |= {f"{split}_loss": loss for split, loss in losses.items()}
        rows.append(row | {f"{split}_perplexity": float(np.exp(loss)) for split, loss in losses.items()})
    write_table(folder / "history.csv", rows)
    names = ("validation_loss", "validation_perplexity", "validation_accuracy")
    write_metrics(folder, over(COUNT, {name: rows[-1][name] for name in names}))
    content = {"precision": "fp32", "settings": plain(settings), "parameters": 9, "seconds": 10.0}
    write_record(folder / "provenance.json", {**content, "seconds_per_epoch": 2.5, "kept_epoch": EPOCHS})


def _fresh(folder, settings, dataset, targets):
    """Write the weights of a fresh network and return what it says of the test pictures, scaled to -1..1."""
    torch.manual_seed(settings.seed)
    model = build_model(settings.model).eval()
    save_file(model.state_dict(), folder / "weights.safetensors")
    pictures = torch.tensor(np.asarray(dataset.splits["test"].inputs)).float().div(255).sub(0.5).div(0.5)
    with torch.inference_mode():
        probabilities = model(pictures).softmax(dim=1).numpy()
    return {"probabilities": probabilities, "predictions": probabilities.argmax(axis=1), "targets": targets}


def _epoch(settings, number):
    return {
        "epoch": number,
        "steps": 40 * number,
        "train_loss": 2 / number,
        "train_accuracy": 0.2 * number,
        "validation_loss": 1 + 0.1 * abs(number - BEST) + 0.01 * settings.seed,
        "validation_accuracy": 0.5 + 0.1 * number,
        "test_accuracy": 0.4 + 0.1 * number,
    }
