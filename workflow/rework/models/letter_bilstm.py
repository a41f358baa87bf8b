"""The word models of ocr, question 2: a BiLSTM over letters, with and without a CNN and a CRF."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rework.models.linear_chain import LinearChainCRF
from rework.models.words import WordModel
from rework.settings.ranges import Units


class LetterBiLSTM(WordModel):
    """Reads all letters of a word together.

    Each letter becomes 128 features (a linear layer with tanh, over the pixels or over 16 pooled 5 x 5 convolutions),
    a bidirectional LSTM runs over the word, and a linear layer scores the labels. With ``crf``, a linear-chain CRF also
    scores pairs of neighbouring labels; it is trained with the forward algorithm and decoded with the Viterbi one.
    """

    def __init__(self, convolution: bool, crf: bool, hidden: int, labels: int) -> None:
        super().__init__()
        self.input_shape = (1, 16, 8)
        self.convolution = (
            nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
            if convolution
            else nn.Identity()
        )
        self.features = nn.Sequential(nn.Linear(16 * 8 * 4 if convolution else 16 * 8, 128), nn.Tanh())
        self.lstm = nn.LSTM(128, hidden, bidirectional=True)
        self.output = nn.Linear(2 * hidden, labels)
        self.crf = LinearChainCRF(labels) if crf else None
        self.loss_name = "crf" if crf else "cross-entropy"

    def forward(self, images: Tensor, lengths: Tensor) -> Tensor:
        """Return the emissions, float N x labels, of the letters of one or more words, one word after another.

        Args:
            images: float N x 1 x 16 x 8, all letters.
            lengths: int64 B on the CPU, the number of letters of each word; they sum to N.
        """
        features = self.features(self.convolution(images).flatten(1))
        if len(lengths) == 1:  # the writeup's case; packing would only cost time
            states, _ = self.lstm(features)
        else:
            padded = pad_sequence(list(features.split(lengths.tolist())))
            packed, _ = self.lstm(pack_padded_sequence(padded, lengths, enforce_sorted=False))
            padded_states, _ = pad_packed_sequence(packed)
            states = padded_states.transpose(0, 1)[_inside(lengths, images.device)]
        emissions: Tensor = self.output(states)
        return emissions

    def loss(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean loss per letter: cross-entropy, or the CRF's negative log-likelihood over all letters."""
        if self.crf is None:
            return F.cross_entropy(emissions, labels)
        padded, inside = _pad(emissions, lengths)
        padded_labels = labels.new_zeros(inside.shape)
        padded_labels[inside] = labels
        likelihood = self.crf.negative_log_likelihood(padded, padded_labels, lengths.to(emissions.device))
        return likelihood.sum() / len(labels)

    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the label of each letter, int64 N: the best for each alone or, with a CRF, for the word as a whole."""
        if self.crf is None:
            return emissions.argmax(dim=1)
        padded, inside = _pad(emissions, lengths)
        return self.crf.decode(padded, lengths.to(emissions.device))[inside]

    def log_probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return log p(label | word) of each letter, float N x labels; with a CRF, these are its marginals."""
        if self.crf is None:
            return emissions.log_softmax(dim=1)
        padded, inside = _pad(emissions, lengths)
        return self.crf.log_marginals(padded, lengths.to(emissions.device))[inside]


def build(*, convolution: bool = False, crf: bool = False, hidden: Units = 128, labels: Units = 26) -> LetterBiLSTM:
    """Return the BiLSTM, the CNN+BiLSTM (``convolution``), or either with a CRF output layer (``crf``)."""
    return LetterBiLSTM(convolution, crf, hidden, labels)


def _inside(lengths: Tensor, device: torch.device) -> Tensor:
    """Return which positions belong to a word, bool B x T."""
    return (torch.arange(int(lengths.max())) < lengths.unsqueeze(1)).to(device)


def _pad(emissions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the emissions as B x T x K, zero past the end of each word, and which positions are inside."""
    inside = _inside(lengths, emissions.device)
    if len(lengths) == 1:
        return emissions.unsqueeze(0), inside
    padded = emissions.new_zeros((*inside.shape, emissions.shape[1]))
    padded[inside] = emissions
    return padded, inside
