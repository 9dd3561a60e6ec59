"""Speed of recognition, each a ratio in one run.

    python benchmarks/probing.py [--quick]

Probes: all layers and learning rates at once, against the same probes one after another.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import probing_heads


def main(argv: list[str] | None = None) -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="One repetition of small ones: does it run at all?"
    )
    quick = parser.parse_args(argv).quick
    probing_heads.main(["--quick", "--runs", "1"] if quick else [])
    return 0


if __name__ == "__main__":
    sys.exit(main())
