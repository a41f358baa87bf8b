"""The bag of visual words on scenes (Q6.1.4)."""

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.recipes.accuracy_table import accuracy_table
from rework.artefacts.result import Built


@measures("test_accuracy")
@needs(runs=1, trained="bag-of-words")
def scene_bag_of_words(context: ArtefactContext) -> Built:
    """Return the accuracy of the bag of visual words, and what it counts."""
    built = accuracy_table(context, title="Accuracy of the bag of visual words", examples="test pictures")
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
