import subprocess
import sys

import pytest

CODE = """
import sys
{imports}
heavy = {{"torch", "numpy", "pandas", "pyarrow", "timm", "cv2", "matplotlib"}} & set(sys.modules)
assert not heavy, heavy
"""
BUILD = (
    "from toto_bench.leaderboard import build, to_csv, to_markdown\nb = build([])\nto_csv(b), to_markdown(b)"
)


@pytest.mark.parametrize(
    "imports", [BUILD, "import toto_bench.cli.leaderboard", "import toto_bench.cli.runs"]
)
def test_nothing_heavy_is_imported(imports):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(imports=imports)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
