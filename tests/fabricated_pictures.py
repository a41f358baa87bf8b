"""Made-up results of mnist-cifar: noise for pictures, fresh networks, random readings."""

from fabricated_parts import over, random_readings, write_metrics, write_noise, write_table
from rework import paths
from rework.datasets import cifar_10, mnist
from rework.evaluation.archive import write_npz
from rework.models.building import build_model
from rework.models.description import describe_layers, parameter_count
from rework.recorded import write_record
from rework.settings.plain import plain
from safetensors.torch import save_file

SEED, EPOCHS, COUNT = 7, 3, 60
SHAPES = {"mnist": ((1, 28, 28), mnist.CLASSES), "cifar-10": ((3, 32, 32), cifar_10.CLASSES)}


def prepare(results, catalogue, sample, generator):
    """Write both data sets and the described models."""
    for name, (shape, classes) in SHAPES.items():
        write_noise(results, name, sample, generator, shape, classes, COUNT)
    for owner, name in catalogue.model_ids():
        if owner == "mnist-cifar":
            model = build_model(catalogue.model(owner, name))
            layers = [plain(layer) for layer in describe_layers(model)]
            content = {"layers": layers, "parameters": parameter_count(model)}
            write_record(paths.model_description(results, owner, name), content)


def write_run(folder, settings, dataset, generator):
    """Write a run of a fresh network."""
    save_file(build_model(settings.model).state_dict(), folder / "weights.safetensors")
    readings = random_readings(dataset.splits["test"].targets, 10, generator, 1)
    write_npz(folder / "predictions.npz", readings)
    test = float((readings["predictions"] == readings["targets"]).mean())
    values = {"train_accuracy": test + 0.1, "validation_accuracy": test, "test_accuracy": test}
    values |= {"generalisation_gap": 0.1, "small_weights_share": float(generator.random())}
    write_metrics(folder, over(COUNT, values))
    number_format = "fp32" if "fp32" in settings.run else "bf16"
    write_record(folder / "provenance.json", {"precision": number_format, "settings": plain(settings)})
    epochs = range(1, EPOCHS + 1)
    write_table(folder / "history.csv", [{"epoch": k, "steps": 40 * k, "test_accuracy": 0.3 + k / 10} for k in epochs])
    probes = [
        {
            "steps": 10 * k,
            "batch_loss": 2 / k,
            "train_accuracy": 0.4 + k / 40,
            "test_accuracy": 0.3 + (k % 5) / 50,
            "met_accuracy": 0.35 + k / 50 + 0.01 * settings.seed,
        }
        for k in range(1, 13)
    ]
    write_table(folder / "probes.csv", probes)
