"""Entry point of ``python -m rework``."""

import sys

from rework.warm.client import run_warm

if __name__ == "__main__":
    status = run_warm(sys.argv[1:])
    if status is None:
        from rework.cli import main

        status = main()
    sys.exit(status)
