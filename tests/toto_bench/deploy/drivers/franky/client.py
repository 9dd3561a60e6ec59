"""A program that drives an arm at 10 Hz until it is told to end: `client.py HOST`."""

import signal
import sys
import time

import numpy as np

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky import FrankyDriver
from toto_bench.deploy.types import Command


class Terminated(Exception):  # noqa: N818
    pass


def end(*_):
    raise Terminated


def main():
    signal.signal(signal.SIGTERM, end)
    driver = FrankyDriver(sys.argv[1], simulated=True)
    driver.connect()
    code = 0
    try:
        for step in range(6000):
            swing = 0.02 * (1 if step % 100 < 50 else -1)
            driver.act(Command(driver.observe().q + np.array([swing, 0, 0, 0, 0, 0, 0])))
            time.sleep(0.1)
    except KeyboardInterrupt:
        code = 130
    except Terminated:
        code = 143
    except RobotFault as fault:
        print(fault)  # noqa: T201
        code = 1
    driver.stop("told to end")
    print("at rest:", driver.at_rest(30.0), flush=True)  # noqa: T201
    sys.exit(code)  # atexit closes the driver


if __name__ == "__main__":
    main()
