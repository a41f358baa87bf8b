"""The command line: ``python -m rework <step>`` runs one step of the workflow by hand."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from rework.errors import ReworkError

# Every step is a module of rework.steps with ``add_arguments(parser)`` and ``main(arguments)``. They are imported
# only when they run: most need no torch, and a wrong step name should answer at once.
STEPS = {
    "check": "check the configuration and say what it declares",
    "fetch": "find or download one asset and verify it",
    "sample": "generate the embedded sample data of one data set, in its official raw format",
    "preprocess": "turn the raw files of one data set into what its layout says: arrays, or pages of text",
    "describe": "list the layers, shapes and parameters of one model",
    "train": "train one run with one seed",
    "evaluate": "measure a trained run on the test set",
    "fit": "train and measure one run whose model needs neither torch nor the training loop",
    "weights": "turn pretrained weights into the form that trainings start with",
    "read": "let a trained run read the letters that were found on pages",
    "read-text": "read the handwriting on a photograph of your own",
    "artefact": "make one table, figure, number or set of claims",
    "report": "build the manifest and the PDF and HTML report of an edition",
    "publish": "copy one writeup's finished full edition into results/reference",
    "verify": "recompute the hashes of data and results and name files that no rule makes",
}


def build_parser(step: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the module of ``step`` is imported, to add its arguments."""
    parser = argparse.ArgumentParser(prog="python -m rework", description=__doc__)
    subparsers = parser.add_subparsers(dest="step", required=True, metavar="step")
    for name, summary in STEPS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == step:
            _step_module(name).add_arguments(subparser)
    return parser


def _step_module(step: str) -> Any:
    return importlib.import_module(f"rework.steps.{step.replace('-', '_')}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a step and return the exit status: 0 done, 2 a problem that the message explains, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    step = next((word for word in words if word in STEPS), None)
    try:
        # Importing the step is inside, because Ctrl-C may come while it imports torch.
        arguments = build_parser(step).parse_args(words)
        _step_module(arguments.step).main(arguments)
    except ReworkError as error:
        # REWORK_TRACEBACK is for developers who want to see where a reported problem comes from.
        if os.environ.get("REWORK_TRACEBACK"):
            raise
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0
