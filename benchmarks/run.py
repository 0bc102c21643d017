"""Run the benchmarks and print their ratios: `python benchmarks/run.py`, or `make bench`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-m", "bench", "-q", "-s", str(Path(__file__).parent), *sys.argv[1:]]))
