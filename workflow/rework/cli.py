"""The command line: ``python -m rework <step>`` runs one step of the workflow by hand."""

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rework.errors import ReworkError
from rework.memory import keep_freed_memory
from rework.system_faults import fault_sentence

# Every step is a module of rework.steps with ``add_arguments(parser)`` and ``main(arguments)``, imported only when it
# runs: most steps need no torch, and a wrong step name should be reported at once.
STEPS = {
    "check": "check the configuration and list what it declares",
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
    "caption": "write a sentence about a picture of your own, taken from above",
    "sentiment": "say whether a review or another text of your own is positive",
    "stylise": "draw the content of a picture of your own in the style of another",
    "look": "draw the kernels, activations, favourite pictures, occlusion or t-SNE map of a trained network",
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
    """Run a step and return the exit status: 0 for success, 2 for a problem that was explained, 130 if interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    step = next((word for word in words if word in STEPS), None)
    keep_freed_memory()
    try:
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end a step.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        # The step is imported inside the try, because Ctrl-C may come while it imports torch.
        arguments = build_parser(step).parse_args(words)
        _step_module(arguments.step).main(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Who reads the output has seen enough; what is left of it goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        # REWORK_TRACEBACK is for developers who want to see where a reported problem comes from.
        said = str(error) if isinstance(error, ReworkError) else _nested_too_deep(error) or fault_sentence(error)
        if said is None or os.environ.get("REWORK_TRACEBACK"):
            raise
        print(f"error: {said}", file=sys.stderr)
        return 2
    return 0


def _nested_too_deep(error: Exception) -> str | None:
    """Return a sentence about JSON that is nested deeper than Python follows, or None for another exception."""
    frames = traceback.extract_tb(error.__traceback__)
    if not isinstance(error, RecursionError) or not any(Path(frame.filename).parent.name == "json" for frame in frames):
        return None
    return "a file that was read is JSON nested deeper than any record; 'python -m rework verify' names it"
