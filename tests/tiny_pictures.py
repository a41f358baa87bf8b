"""Small pictures and random weights on which style transfer runs in a test."""

import numpy as np
import torch
from rework.datasets import picture_files
from rework.models.building import build_model
from rework.paths import dataset_dir
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, InitialSettings, ModelSettings, OptimiserSettings, TaskSettings
from safetensors.torch import save_file
from tiny_runs import a_run

SIDE = 48
NAMES = ("house", "tree", "waves", "dots")


def write_tiny_pictures(results, name="tiny-pictures"):
    """Write a data set of four pictures of different shapes, and return its folder."""
    random = np.random.default_rng(4)
    pictures = {}
    for place, picture in enumerate(NAMES):
        height, width = SIDE + 8 * place, SIDE + 12
        rows, columns = np.mgrid[0:height, 0:width] / SIDE
        bands = np.stack([np.sin((3 + place) * rows + k) * np.cos((5 - place) * columns + 2 * k) for k in range(3)], 2)
        levels = 128 + 90 * bands + random.normal(0, 6, bands.shape)
        pictures[picture] = levels.clip(0, 255).astype(np.uint8)
    directory = dataset_dir(results, name)
    picture_files.write_dataset(directory, pictures, DatasetSettings(name, True, (), layout="pictures"))
    return directory


def a_style_run(base="squeezenet-1-1", content="conv4_2", side=SIDE, seed=0, **task):
    """Return a run of two epochs of three updates on these pictures."""
    chosen = {"pairs": (("house", "waves"), ("tree", "dots")), "steps": 3, **task}
    return a_run(
        run="style",
        seed=seed,
        model=ModelSettings("style-picture", {"base": base, "content": content, "height": side, "width": side}),
        task=TaskSettings("style-transfer", chosen),
        data=DataSettings("tiny-pictures"),
        optimiser=OptimiserSettings("adam", 0.003),
        initial=InitialSettings("random", "features", frozen=True),
        loss="none",
        batch_size=0,
    )


def write_random_weights(folder, settings, seed=9):
    """Write random weights for the network of a run, and return the file."""
    torch.manual_seed(seed)
    model = build_model(settings.model)
    path = folder / f"{settings.model.parameters['base']}.safetensors"
    kept = {name: tensor for name, tensor in model.state_dict().items() if name.startswith("features.")}
    save_file(kept, path)
    return path
