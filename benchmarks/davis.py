"""Speed of DAVIS: propagation and metric, each as a ratio in one run.

    python benchmarks/davis.py [--quick]

Propagation is held against (a) DINO's published steps and (b) a good dense version, at 480p, D = 384, eight
contexts, patch 16 and 8; the metric against a frame-by-frame one. Goals are printed beside the ratios.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import davis_metric
import davis_propagation


def main(argv: list[str] | None = None) -> int:
    """Run both; 1 if a goal of the metric was missed (propagation prints its ratios)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="One repetition: does it run at all?")
    quick = parser.parse_args(argv).quick
    davis_propagation.main(["--quick"] if quick else [])
    return davis_metric.main(["--runs", "1"] if quick else [])


if __name__ == "__main__":
    sys.exit(main())
