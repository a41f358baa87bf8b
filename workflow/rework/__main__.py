"""Entry point of ``python -m rework``."""

import sys

from rework.warm.client import run_warm

if __name__ == "__main__":
    try:
        status = run_warm(sys.argv[1:])
    except KeyboardInterrupt:  # while the server does not answer yet
        sys.stderr.write("interrupted\n")
        status = 130
    if status is None:
        from rework.cli import main

        status = main()
    sys.exit(status)
