"""Made-up results of fashion-captions: small, wrong on purpose, and complete enough for every artefact."""

import numpy as np
from fabricated_parts import over, write_metrics, write_noise, write_table
from rework import paths
from rework.evaluation.archive import write_npz
from rework.evaluation.captions import corpus_scores, sentence_bleu
from rework.recorded import write_record
from safetensors.numpy import save_file
from tiny_captions import write_tiny_captions

SEED, EPOCHS, COUNT = 0, 5, 20
# Positions a side, the longest caption, and the names of the test pictures, with those that the writeup shows.
GRID, LONGEST = 3, 10
TEST_PICTURES = ("218.tif", "219.tif", "300.tif", "357.tif", "400.tif", "540.tif")
LAYERS = {
    "block1.convolution": (16, 28, 28),
    "block1.activation": (16, 28, 28),
    "block1.pooling": (16, 14, 14),
    "block2.convolution": (32, 12, 12),
    "block2.activation": (32, 12, 12),
    "block2.pooling": (32, 6, 6),
}


def prepare(results, _catalogue, sample, generator):
    """Write the data set and the described models."""
    write_noise(results, "fashion-mnist", sample, generator, (1, 28, 28), [f"class {k}" for k in range(10)], COUNT)
    write_tiny_captions(results, sample, GRID, contents=sample, names=TEST_PICTURES)
    _models(results, "fashion-captions")


def _layer(name, kind, detail, before, after, count):
    shapes = {"input_shape": before, "output_shape": after}
    return {"name": name, "type": kind, "detail": detail, **shapes, "parameters": count, "tensors": []}


def _models(results, writeup):
    convolution = [
        _layer("convolution", "Conv2d", "5×5, stride 1, padding 0", [3, 28, 28], [8, 24, 24], 608),
        _layer("pooling", "MaxPool2d", "4×4, stride 2, padding 0", [8, 24, 24], [8, 11, 11], 0),
        _layer("output", "Linear", "968 → 10", [968], [10], 9690),
    ]
    linear = [
        _layer("hidden.affine1", "Linear", "2352 → 100", [2352], [100], 235300),
        _layer("output", "Linear", "100 → 10", [100], [10], 1010),
    ]
    for name, layers in (("single-conv", convolution), ("feedforward", linear)):
        total = sum(layer["parameters"] for layer in layers)
        content = {"model": {}, "input_shape": [3, 28, 28], "layers": layers, "parameters": total}
        write_record(paths.model_description(results, writeup, name), content)


def write_run(folder, settings, dataset, generator):
    """Write a run."""
    write = _write_caption_run if dataset.layout == "captions" else _write_classification_run
    write(folder, settings, dataset, generator)


def _write_caption_run(folder, settings, dataset, generator):
    """Write a run that says captions of other pictures, some of which fit; every second seed is silent once."""
    arrays = dataset.splits["test"].arrays
    count = len(arrays["names"])
    references = [arrays["texts"][arrays["pictures"] == place].tolist() for place in range(count)]
    found = {}
    for kind in ("captions", "beam_captions"):
        others = generator.integers(0, count, count)
        found[kind] = [str(generator.choice(references[other])) for other in others]
    if settings.seed % 2:
        found["captions"][0] = ""
    scores = {kind: sentence_bleu(texts, references) for kind, texts in found.items()}
    attention = np.zeros((count, LONGEST, GRID**2 if settings.run == "attention" else 0), np.float16)
    if settings.run == "attention":
        for place, text in enumerate(found["captions"]):
            words = len(text.split()) + 1
            attention[place, :words] = generator.dirichlet(np.ones(GRID**2), words)
    values = {
        "test_bleu4": float(scores["captions"].mean()),
        "test_beam_bleu4": float(scores["beam_captions"].mean()),
        "test_zero_share": float((scores["captions"] == 0).mean()),
        "validation_bleu4": 0.5,
        **{
            "test_chrf" if name == "chrf" else f"test_corpus_{name}": value
            for name, value in corpus_scores(found["captions"], references).items()
        },
    }
    write_metrics(folder, over(count, values))
    rows = [
        {
            "epoch": k,
            "train_loss": 3 / k,
            "validation_loss": 3.5 / k,
            "validation_bleu4": 0.1 * k + 0.01 * settings.seed,
        }
        for k in range(1, EPOCHS + 1)
    ]
    write_table(folder / "history.csv", rows)
    write_npz(
        folder / "predictions.npz",
        {
            **{kind: np.array(texts) for kind, texts in found.items()},
            "bleu4": scores["captions"],
            "beam_bleu4": scores["beam_captions"],
            "attention": attention,
        },
    )
    seen = {"lstm": 0, "joined-scores": 2 * GRID**2, "attention": 512}[settings.run]
    shapes = {"encoder_projection.weight": (6, 512), "decoder_projection.weight": (6, 8)}
    shapes |= {"embedding.weight": (len(dataset.classes), 5), "lstm.weight_ih": (32, 5 + seen)}
    save_file({name: np.zeros(shape, np.float32) for name, shape in shapes.items()}, folder / "weights.safetensors")


def _write_classification_run(folder, _settings, dataset, generator):
    """Write a run that takes every class for the next one."""
    accuracy = float(generator.uniform(0.5, 0.9))
    values = {"test_accuracy": accuracy, "validation_accuracy": accuracy + 0.01, "test_loss": 0.4, "train_loss": 0.3}
    write_metrics(folder, over(COUNT, values))
    epochs = range(1, EPOCHS + 1)
    rows = [{"epoch": k, "steps": 40 * k, "train_loss": 2 / k, "validation_accuracy": 0.5 + k / 20} for k in epochs]
    write_table(folder / "history.csv", rows)
    arrays = {f"activation/{name}": generator.standard_normal((1, *shape)) for name, shape in LAYERS.items()}
    truth = np.asarray(dataset.splits["test"].targets)
    write_npz(
        folder / "predictions.npz",
        {"captured_images": np.array([0]), "targets": truth, "predictions": (truth + 1) % 10, **arrays},
    )
    weights = {"block1.convolution.weight": (16, 1, 3, 3), "block2.convolution.weight": (32, 16, 3, 3)}
    save_file(
        {name: generator.standard_normal(shape).astype(np.float32) for name, shape in weights.items()},
        folder / "weights.safetensors",
    )
