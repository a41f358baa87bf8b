"""The validation split of a data set that comes without one: its last training images, in the files' order."""

from rework.datasets.options import positive_count
from rework.datasets.store import Arrays, RawSplits
from rework.errors import ConfigError
from rework.settings.data import DatasetSettings


def hold_out_last(settings: DatasetSettings, train: Arrays, test: Arrays, classes: tuple[str, ...]) -> RawSplits:
    """Return the splits; the last ``options.validation`` training images become the validation split.

    Args:
        settings: of the data set; the option ``validation`` is read.
        train: inputs (uint8, N x C x H x W) and targets (int64, N), in the order of the files.
        test: likewise.
        classes: names of the classes.

    Raises:
        ConfigError: ``validation`` is not a positive whole number, or leaves no training images.
    """
    where = f"data set {settings.name}"
    validation = positive_count(settings.options, "validation", where)
    count = len(train[0])
    if validation >= count:
        raise ConfigError(f"{where}: option validation is {validation}, but there are only {count} training images")
    kept = count - validation
    return RawSplits(
        splits={
            "train": (train[0][:kept], train[1][:kept]),
            "validation": (train[0][kept:], train[1][kept:]),
            "test": test,
        },
        classes=classes,
        notes=(f"The last {validation} of the {count} training images are the validation split.",),
    )
