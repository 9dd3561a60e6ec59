"""Speed of recognition, each a ratio in one run.

    python benchmarks/probing.py [--quick]

Probes: all layers and learning rates at once, against the same probes one after another. Videos: 30 views in one pass
over the file, against 30 separate reads. Features: ours, against the bare forward pass of the same model. The exit
status is 1 where a goal is missed.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import probing_features
import probing_heads
import views


def main(argv: list[str] | None = None) -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="One repetition of small ones: does it run at all?"
    )
    quick = parser.parse_args(argv).quick
    once = ["--runs", "1"]
    missed = [
        part(["--quick", *once] if quick else []) for part in (probing_heads.main, probing_features.main)
    ]
    print()
    missed.append(views.main(once if quick else []))
    return max(missed)


if __name__ == "__main__":
    sys.exit(main())
