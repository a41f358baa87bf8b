"""PyTorch networks on characters, CIFAR-10, scenes and flowers, and the bag of visual words (writeup 003, Q6)."""

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.recipes.split_curves import split_curves
from rework.artefacts.result import Built


@measures("train_accuracy", "test_accuracy")
def mlp_curves(context: ArtefactContext) -> Built:
    """Figures 39 and 40: the fully connected network on characters."""
    return split_curves(context, metrics=("train_accuracy", "test_accuracy"))


@measures("train_accuracy", "test_accuracy")
def cnn_curves(context: ArtefactContext) -> Built:
    """Figures 43 and 44: the convolutional network on characters."""
    return split_curves(context, metrics=("train_accuracy", "test_accuracy"))


@measures("train_accuracy", "test_accuracy")
def cifar_curves(context: ArtefactContext) -> Built:
    """Figures 46 and 47: the network on CIFAR-10."""
    return split_curves(context, metrics=("train_accuracy", "test_accuracy"))


@measures("train_accuracy", "test_accuracy")
def scene_curves(context: ArtefactContext) -> Built:
    """Figure 50: the network on scenes."""
    return split_curves(context, metrics=("train_accuracy", "test_accuracy"))


@measures("test_accuracy")
def scene_bag_of_words(context: ArtefactContext) -> Built:
    """Q6.1.4: the bag of visual words on the same scenes."""
    built = accuracy_table(context, "Accuracy of the bag of visual words", "test pictures")
    run = context.settings.runs[0]
    parameters = context.provenance(run.run, run.seeds[0])["parameters"]
    words = context.weights(run.run, run.seeds[0])["words"]
    return Built(
        caption=(
            f"Share of the test pictures whose nearest training picture is of their class, by the intersection of "
            f"histograms of {len(words)} visual words over three levels of cells; the words are means of "
            f"{words.shape[1]} filter responses."
        ),
        data=built.data,
        values=built.values,
        facts={**built.facts, "parameters": parameters, "words": len(words), "filters": words.shape[1]},
    )


@measures("train_accuracy", "validation_accuracy", "test_accuracy")
def squeezenet_curves(context: ArtefactContext) -> Built:
    """Figure 51: SqueezeNet fine-tuned on flowers, with its features kept and with all weights trained."""
    return split_curves(context, metrics=("train_accuracy", "validation_accuracy", "test_accuracy"))


@measures("train_accuracy", "validation_accuracy", "test_accuracy")
def flowers_scratch_curves(context: ArtefactContext) -> Built:
    """Figure 52: the writeup's own network on the same flowers."""
    return split_curves(context, metrics=("train_accuracy", "validation_accuracy", "test_accuracy"))
