"""Names of the raw files of the data set ``captions``, for those who read them and who generate them without torch."""

DESCRIPTIONS = "dataset.json"
PICTURES = "pictures.zip"
WEIGHTS = "resnet18-f37072fd.pth"
"""The encoder's weights. A substitute has this name too: of which network they are, its tensors tell."""
