"""Tables, curves, features and kernels of the Fashion-MNIST networks (writeup 001, exercises 2.2 and 2.3)."""

import numpy as np

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.recipes.histories import TRAIN_LOSS, VALIDATION_ACCURACY, history_figure
from rework.artefacts.recipes.kernels import kernels_figure
from rework.artefacts.result import Built
from rework.drawing.plots import picture_rows


@measures("test_accuracy")
def dropout_table(context: ArtefactContext) -> Built:
    """Table 1: test accuracy by dropout probability."""
    return accuracy_table(context, "Test accuracy by dropout")


@measures("test_accuracy")
def learning_rate_table(context: ArtefactContext) -> Built:
    """Table 2: test accuracy by learning rate."""
    return accuracy_table(context, "Test accuracy by learning rate")


@measures("test_accuracy")
def ffn_comparison(context: ArtefactContext) -> Built:
    """The feedforward network beside the convolutional one."""
    return accuracy_table(context, "Test accuracy by network")


def best_loss(context: ArtefactContext) -> Built:
    """Figure 3: training loss over epochs."""
    return history_figure(context, TRAIN_LOSS)


def best_accuracy(context: ArtefactContext) -> Built:
    """Figure 4: validation accuracy over epochs."""
    return history_figure(context, VALIDATION_ACCURACY)


def features(context: ArtefactContext) -> Built:
    """Figure 5: what each layer makes of one test image."""
    run = context.settings.runs[0]
    predictions = context.predictions(run.run, run.seeds[0])
    dataset = context.dataset(run.dataset)
    image = int(predictions["captured_images"][0])
    layers = {name.partition("/")[2]: array[0] for name, array in predictions.items() if name.startswith("activation/")}
    pixels = np.asarray(dataset.splits["test"].inputs[image]) / 255
    rows = [(f"input, {pixels.shape[2]} × {pixels.shape[1]}", pixels)]
    for name, maps in layers.items():
        shape = f"{len(maps)} maps of {maps.shape[2]} × {maps.shape[1]}"
        rows.append((f"{name.replace('.', ', ')}: {shape}", maps.astype(np.float64)))
    truth = dataset.classes[int(predictions["targets"][image])]
    guess = dataset.classes[int(predictions["predictions"][image])]
    silent = {name: float((maps.max(axis=(1, 2)) <= 0).mean()) for name, maps in layers.items() if "activation" in name}
    return Built(
        caption=(
            f"Feature maps of test image {image}, a member of the class {truth!r} that the network with seed "
            f"{run.seeds[0]} takes for {guess!r}, from the input to the last pooling. Each row has a grey scale of its "
            "own. The image is the first of the test set and was not chosen for what it shows."
        ),
        alt=f"One picture of class {truth} and rows of grey feature maps, {', '.join(title for title, _ in rows[1:])}",
        data=(
            ("layer", "map", "row", "column", "value"),
            [
                [name, index, *position, float(maps[index][position])]
                for name, maps in layers.items()
                for index in range(len(maps))
                for position in np.ndindex(maps.shape[1:])
            ],
        ),
        figure=picture_rows(rows, 16, "layers, from the input on"),
        facts={"image": image, "class": truth, "prediction": guess, "right": truth == guess, "silent": silent},
    )


def conv1_kernels(context: ArtefactContext) -> Built:
    """Figure 6: the kernels of the first convolution."""
    return kernels_figure(context, "block1.convolution.weight", "first")


def conv2_kernels(context: ArtefactContext) -> Built:
    """Figure 7: the kernels of the second convolution for its first input channel."""
    return kernels_figure(context, "block2.convolution.weight", "second")
