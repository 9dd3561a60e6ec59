"""The process of the simulated robot: `python -m toto_bench.testing.franky_sim.server`.

Orders come as lines of JSON on its standard input; each is answered with a line on its standard output.
"""

import json
import queue
import sys
import threading
from typing import Any

from toto_bench.testing.franky_sim.world import FrankyWorld

_Order = dict[str, Any]


def main() -> None:
    """Serve until standard input ends."""
    settings = json.loads(sys.stdin.readline())
    world = FrankyWorld(settings["q"], settings["opening"])
    orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    _say({"host": world.host})
    while True:
        world.step()
        while not orders.empty():
            if (order := orders.get()) is None:
                world.close()
                return
            world.obey(order)
            _say(world.truth())


def _listen(orders: "queue.SimpleQueue[_Order | None]") -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    orders.put(None)


def _say(answer: _Order) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
