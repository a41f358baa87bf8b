"""What training on CIFAR-10 does to its pictures before the network sees them (task 5)."""

import numpy as np
import pandas as pd
from PIL import Image

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.example_pictures import titled_pictures
from rework.settings.ranges import Few


@needs(datasets="cifar-10")
def preprocessing(context: ArtefactContext, *, count: Few) -> Built:
    """Return the first ``count`` training pictures as they are, mirrored, grey and normalised."""
    dataset = context.dataset(context.settings.datasets[0])
    originals = np.asarray(dataset.splits["train"].inputs[:count])
    greys = [Image.fromarray(pixels.transpose(1, 2, 0)).convert("L") for pixels in originals]
    grey = np.stack([np.asarray(picture)[None].repeat(3, axis=0) for picture in greys])
    normalised = (originals / 255 - 0.5) / 0.5
    kinds = {
        "original": originals,
        "mirrored": originals[:, :, :, ::-1],
        "grey": grey,
        # From -1..1 back to bytes for display: normalising changes the numbers, not the picture.
        "normalised": np.rint((normalised + 1) / 2 * 255).astype(np.uint8),
    }
    names = [dataset.classes[label] for label in dataset.splits["train"].targets[:count]]
    pictures = [picture for found in kinds.values() for picture in found]
    titles = [f"{kind}: {name}" for kind in kinds for name in names]
    ranges = {kind: (float(found.min() / 255), float(found.max() / 255)) for kind, found in kinds.items()}
    ranges["normalised"] = (float(normalised.min()), float(normalised.max()))
    return Built(
        caption=(
            f"The first {count} training pictures as they are, mirrored (each with probability 0.5), in grey (each "
            f"with probability 0.1), and normalised. Normalising takes 0.5 from each value and divides by 0.5: the "
            f"values of these pictures go from {ranges['normalised'][0]:.2f} to {ranges['normalised'][1]:.2f} instead "
            f"of {ranges['original'][0]:.2f} to {ranges['original'][1]:.2f}, and are shown scaled back."
        ),
        alt="Rows of the same small colour photographs: original, mirrored, grey and normalised",
        data=pd.DataFrame([(kind, *found) for kind, found in ranges.items()], columns=["kind", "least", "greatest"]),
        figure=titled_pictures(pictures, titles, columns=count),
        facts={"count": count},
    )
