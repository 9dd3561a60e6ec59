"""CPU time of the commands that only look at cards and tables, beside that of importing torch.

    python benchmarks/cli.py [--runs N]

Goal: under 0.3 s of CPU each.
"""

import argparse
import os
import statistics
import subprocess
import sys

COMMANDS = (["--help"], ["list"], ["show", "task", "davis"], ["leaderboard", "--task", "davis"])
GOAL = 0.3


def cpu_seconds(arguments: list[str]) -> float:
    """User and system time of one fresh Python."""
    before = os.times()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main(argv: list[str] | None = None) -> int:
    """Print medians and ratios; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args(argv).runs
    jobs = {"import torch": ["-c", "import torch"]}
    jobs |= {" ".join(["toto-bench", *words]): ["-m", "toto_bench", *words] for words in COMMANDS}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, arguments in jobs.items():
            times[name].append(cpu_seconds(arguments))
    median = {name: statistics.median(values) for name, values in times.items()}
    torch = median["import torch"]
    print(f"{'':<36} {'CPU s':>7} {'torch / it':>11}")
    for name, value in median.items():
        print(f"{name:<36} {value:>7.2f} {torch / value:>10.1f}x")
    slow = [name for name, value in median.items() if name != "import torch" and value >= GOAL]
    print(f"Goal: under {GOAL} s each. " + (f"Missed by {', '.join(slow)}." if slow else "Met."))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
