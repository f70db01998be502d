"""Lets `python -m lamina` do what the command `lamina` does."""

import sys

from lamina.cli import main

if __name__ == "__main__":
    sys.exit(main())
