"""Step ``sentiment``: say whether a text of the user's own is positive."""

import argparse
import sys

from rework.datasets.labelled_texts import stored_words
from rework.datasets.store import open_dataset
from rework.errors import ConfigError
from rework.inspection.sentiments import judge
from rework.messages import plural
from rework.models.sentiment_lstm import SentimentLSTM
from rework.models.trained import load_trained
from rework.paths import dataset_dir
from rework.steps.trained_runs import EDITIONS, find_trained
from rework.training.determinism import make_deterministic

RUN = "course-notes/sentiment"
MOST_CHARACTERS = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("text", help="a review or any other English text, in quotation marks; - reads standard input")
    parser.add_argument("--run", default=RUN, help=f"run that reads, as <writeup>/<run> (default: {RUN})")
    parser.add_argument("--seed", type=int, help="one of its seeds (default: the first)")
    parser.add_argument("--edition", choices=EDITIONS, help="of the run (default: full, or else sample)")


def main(arguments: argparse.Namespace) -> None:
    """Print the more probable class with both probabilities and, on standard error, what read the text and how."""
    text = sys.stdin.read(MOST_CHARACTERS + 1) if arguments.text == "-" else arguments.text
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(f"the text has more than {MOST_CHARACTERS:,} characters; expected a review")
    trained = find_trained(arguments.run, arguments.edition, arguments.seed, task="sentiment")
    dataset = open_dataset(dataset_dir(trained.results, trained.dataset.name))
    make_deterministic(trained.settings.threads)
    model = load_trained(trained.settings, trained.weights, dataset.classes)
    if not isinstance(model, SentimentLSTM):
        raise ConfigError(f"--run: {arguments.run} reads no texts; expected one with task: sentiment")
    (judgement,) = judge(model.eval(), stored_words(dataset), [text])
    positive = judgement.positive
    print(f"{judgement.label} (positive {positive:.1%}, negative {1 - positive:.1%})")
    remarks = [f"read by {trained.named}: {plural(len(judgement.read), 'word')}"]
    if judgement.unread:
        remarks.append(f"the {plural(judgement.unread, 'word')} behind them were not read")
    if judgement.unknown:
        remarks.append(f"left out, since no review has them: {', '.join(judgement.unknown)}")
    if dataset.sample:
        remarks.append("it has learned from generated reviews only, which have few words")
    print("; ".join(remarks), file=sys.stderr)
