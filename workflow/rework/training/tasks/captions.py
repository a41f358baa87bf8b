"""Captions: a decoder writes a sentence about a picture, of which it sees the features of a frozen encoder."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.layouts import SPLITS
from rework.datasets.references import references
from rework.datasets.store import StoredDataset, verify_split
from rework.datasets.vocabulary import PADDING, decode
from rework.errors import ConfigError
from rework.evaluation.captions import corpus_scores, sentence_bleu
from rework.models.captions import CaptionDecoder
from rework.settings.ranges import Few
from rework.settings.run import RunSettings
from rework.training.batches import Batch, epoch_order, mapped, step_count
from rework.training.decoding import beam_search, greedy
from rework.training.history import Values
from rework.training.prediction import evaluation_mode
from rework.training.record import EpochRecord, Outputs, Step, Tally
from rework.training.tasks.task import Evaluation, Task

LAYOUTS: tuple[str, ...] = ("captions",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("max_steps", "precision")
LOSSES: tuple[str, ...] = ("cross-entropy",)
# The mean sentence BLEU is what the writeup publishes; see rework.evaluation.captions for it and for corpus BLEU.
METRICS: Mapping[str, tuple[str, str]] = {
    "validation_bleu4": ("", "higher"),
    "test_bleu4": ("", "higher"),
    "test_beam_bleu4": ("", "higher"),
    "test_corpus_bleu1": ("", "higher"),
    "test_corpus_bleu2": ("", "higher"),
    "test_corpus_bleu3": ("", "higher"),
    "test_corpus_bleu4": ("", "higher"),
    "test_chrf": ("", "higher"),
    "test_zero_share": ("share", "lower"),
    "validation_loss": ("nats", "lower"),
    "test_loss": ("nats", "lower"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("train_loss", "validation_loss", "validation_bleu4")
PROBES: tuple[str, ...] = ()
ITEM: str = "caption"
HEADLINE: str = "test_bleu4"

PICTURES_AT_ONCE = 64
CAPTIONS_AT_ONCE = 128


class Captions(Task):
    """See ``Task``; a batch holds the features of a picture for each caption, and its words but for the last.

    Args:
        longest: words that a caption may have when it is written, with its end.
        beam: width of the beam search with which the evaluation writes captions a second time.
    """

    history = HISTORY
    model: CaptionDecoder

    def __init__(
        self, settings: RunSettings, dataset: StoredDataset, model: nn.Module, longest: int, beam: int
    ) -> None:
        self.longest = longest
        self.beam = beam
        super().__init__(settings, dataset, model)

    def check(self) -> None:
        """Refuse models that are no decoders, and ones for another grid or another vocabulary."""
        if not isinstance(self.model, CaptionDecoder):
            raise ConfigError(f"{self.settings.id}: model {self.settings.model.name} writes no captions")
        positions = self.dataset.splits["train"].inputs.shape[1:]
        if positions != self.model.input_shape:
            raise ConfigError(
                f"{self.settings.id}: model {self.settings.model.name} reads {self.model.input_shape[0]} positions of "
                f"{self.model.input_shape[1]} channels, but data set {self.dataset.name} has {positions[0]} of "
                f"{positions[1]}; set model.grid to the grid of the data set"
            )
        if self.model.vocabulary != len(self.dataset.classes):
            raise ConfigError(
                f"{self.settings.id}: model {self.settings.model.name} knows {self.model.vocabulary} words, but data "
                f"set {self.dataset.name} has {len(self.dataset.classes)}; leave out model.vocabulary"
            )

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load features and captions; a training does not read the test split."""
        del channels_last
        self.device = device
        self.features: dict[str, Tensor] = {}
        self.words: dict[str, Tensor] = {}
        self.pictures: dict[str, Tensor] = {}
        self.lengths: dict[str, Tensor] = {}
        for name in SPLITS if purpose == "evaluation" else SPLITS[:2]:
            verify_split(self.dataset, name)
            arrays = self.dataset.splits[name].arrays
            self.features[name] = mapped(arrays["inputs"]).to(device)
            self.words[name] = mapped(arrays["targets"]).to(device)
            self.pictures[name] = mapped(arrays["pictures"]).to(device)
            # Kept on the CPU: they decide the shapes of batches.
            self.lengths[name] = torch.from_numpy((np.asarray(arrays["targets"]) != PADDING).sum(axis=1))

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return step_count(len(self.words["train"]), self.settings.batch_size)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches of captions in an order that derives from the names of the run."""
        order = epoch_order(self.settings, epoch, len(self.words["train"]))
        for rows in torch.split(order, self.settings.batch_size)[first_step:]:
            yield self._batch("train", rows)

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a word; padding does not count."""
        return F.cross_entropy(outputs[0].flatten(0, 1), batch.targets.flatten(), ignore_index=PADDING)

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count each batch once: as in the course, the loss of an epoch is the mean over its batches."""
        count = len(steps)
        return Tally(torch.ones(count, dtype=torch.int64), torch.zeros(count, 1, dtype=torch.float64))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Write captions for the pictures of the validation split and compare them with their own."""
        captions, _ = self._written("validation")
        return {
            "train_loss": record.mean_loss(),
            "validation_loss": self._word_loss("validation")[0],
            "validation_bleu4": float(sentence_bleu(captions, references(self.dataset.splits["validation"])).mean()),
        }

    def epoch_text(self, values: Values) -> str:
        """Return the losses and the score."""
        return (
            f"loss {values['train_loss']:.4f}  validation loss {values['validation_loss']:.4f}  "
            f"mean sentence BLEU-4 {values['validation_bleu4']:.4f}"
        )

    def evaluate(self) -> Evaluation:
        """Write captions for validation and test pictures, and keep those of the test pictures with their attention."""
        validation, _ = self._written("validation")
        captions, attention = self._written("test")
        beam = self._beam("test")
        given = references(self.dataset.splits["test"])
        scores, beam_scores = sentence_bleu(captions, given), sentence_bleu(beam, given)
        pictures = len(captions)
        losses = {name: self._word_loss(name) for name in ("validation", "test")}
        corpus = {f"test_{_named(name)}": value for name, value in corpus_scores(captions, given).items()}
        return Evaluation(
            metrics={
                "validation_bleu4": (
                    float(sentence_bleu(validation, references(self.dataset.splits["validation"])).mean()),
                    len(validation),
                ),
                "test_bleu4": (float(scores.mean()), pictures),
                "test_beam_bleu4": (float(beam_scores.mean()), pictures),
                **{name: (value, pictures) for name, value in corpus.items()},
                "test_zero_share": (float((scores == 0).mean()), pictures),
                **{f"{name}_loss": found for name, found in losses.items()},
            },
            arrays={
                "captions": np.array(captions),
                "beam_captions": np.array(beam),
                "bleu4": scores,
                "beam_bleu4": beam_scores,
                "attention": attention,
            },
        )

    def _batch(self, split: str, rows: Tensor) -> Batch:
        """Return the captions of some rows, cut to the longest of them."""
        length = int(self.lengths[split][rows].max())
        rows = rows.to(self.device)
        words = self.words[split][rows, :length]
        features = self.features[split][self.pictures[split][rows]].float()
        return Batch((features, words[:, :-1]), words[:, 1:])

    def _written(self, split: str) -> tuple[list[str], NDArray[np.float16]]:
        """Return a caption for each picture, and its attention: float N x longest x positions, 0 after the end."""
        captions: list[str] = []
        features = self.features[split]
        maps: list[NDArray[np.float16]] = []
        with evaluation_mode(self.model):
            for piece in torch.split(features, PICTURES_AT_ONCE):
                written = greedy(self.model, piece.float(), self.longest)
                captions += self._texts(written.words)
                shown = written.attention * (written.words != PADDING).unsqueeze(2)
                maps.append(F.pad(shown, (0, 0, 0, self.longest - shown.shape[1])).half().cpu().numpy())
        return captions, np.concatenate(maps)

    def _beam(self, split: str) -> list[str]:
        captions: list[str] = []
        with evaluation_mode(self.model):
            for piece in torch.split(self.features[split], PICTURES_AT_ONCE):
                captions += self._texts(beam_search(self.model, piece.float(), self.longest, self.beam))
        return captions

    def _texts(self, words: Tensor) -> list[str]:
        return [" ".join(decode(row, self.dataset.classes)) for row in words.tolist()]

    def _word_loss(self, split: str) -> tuple[float, int]:
        """Return the mean loss of a word over all captions of a split, and the number of its words."""
        total, count = 0.0, 0
        with evaluation_mode(self.model):
            for rows in torch.split(torch.arange(len(self.words[split])), CAPTIONS_AT_ONCE):
                batch = self._batch(split, rows)
                words = int((batch.targets != PADDING).sum())
                total += float(self.loss((self.model(*batch.arguments),), batch)) * words
                count += words
        return total / count, count


def build(
    settings: RunSettings, dataset: StoredDataset, model: nn.Module, *, longest: Few = 22, beam: Few = 3
) -> Captions:
    """Return the task of a run."""
    return Captions(settings, dataset, model, longest, beam)


def _named(score: str) -> str:
    return score if score == "chrf" else f"corpus_{score}"
