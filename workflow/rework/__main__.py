"""Entry point of ``python -m rework``."""

import sys

from rework.cli import main

if __name__ == "__main__":
    sys.exit(main())
