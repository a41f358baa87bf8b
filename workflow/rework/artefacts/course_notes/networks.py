"""The networks that section 3.5 looks into: the notes' CNN as trained here, and with the course's own weights."""

from dataclasses import dataclass

from rework.artefacts.context import ArtefactContext
from rework.datasets.store import StoredDataset
from rework.inspection.subject import Subject, subject_of
from rework.settings.run import RunSettings
from rework.training.determinism import make_deterministic

TRAINED, GIVEN = "trained", "course-weights"


@dataclass(frozen=True)
class Network:
    """A network to look into: a key for facts, a label for readers, and the network itself."""

    key: str
    label: str
    subject: Subject


def networks_of(context: ArtefactContext) -> tuple[StoredDataset, tuple[Network, ...]]:
    """Return the data set of an artefact's run, and the run's network with two sets of weights.

    The first are those of its first seed, the others the artefact's weights from elsewhere.
    """
    make_deterministic(threads=1)
    run = context.settings.runs[0]
    seed = run.seeds[0]
    settings = RunSettings.from_json(context.provenance(run.run, seed)["settings"])
    dataset = context.dataset(run.dataset)
    trained = subject_of(settings, context.weights(run.run, seed), dataset)
    (asset,) = context.settings.weights
    given = subject_of(settings, context.given_weights(asset), dataset)
    kind = "random weights" if context.weights_info(asset)["sample"] else "the course's weights"
    return dataset, (Network(TRAINED, f"trained here, seed {seed}", trained), Network(GIVEN, kind, given))
