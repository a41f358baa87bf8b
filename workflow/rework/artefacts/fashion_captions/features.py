"""Feature maps of the best Fashion-MNIST network (exercise 2.3)."""

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.picture_grids import picture_rows


@needs(runs=1, layout="examples", keys=("capture.layers", "capture.images"))
def features(context: ArtefactContext) -> Built:
    """Return what each layer makes of the captured test image."""
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
        data=pd.concat(
            [
                elements(
                    maps[None].astype(np.float64), "value", {"layer": [name], "map": None, "row": None, "column": None}
                )
                for name, maps in layers.items()
            ]
        ),
        figure=picture_rows(rows, 16, "layers, from the input on"),
        facts={"image": image, "class": truth, "prediction": guess, "right": truth == guess, "silent": silent},
    )
