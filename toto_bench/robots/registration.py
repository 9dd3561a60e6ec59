"""The names under which gymnasium knows the tasks."""

import gymnasium

IDS = {
    "franka-pick": "toto_bench/FrankaPick-v1",
    "kuka-pick": "toto_bench/KukaPick-v1",
    "franka-cabinet": "toto_bench/FrankaCabinet-v1",
    "kuka-cabinet": "toto_bench/KukaCabinet-v1",
}
"""Card to gymnasium's id. Episodes are ended by the task itself, so no time limit is wrapped around it."""


def register() -> None:
    """Make the tasks known; a second time does nothing. MuJoCo is imported when one is made."""
    for task, name in IDS.items():
        if name not in gymnasium.registry:
            gymnasium.register(
                id=name,
                entry_point="toto_bench.robots.single:MujocoEnv",
                vector_entry_point="toto_bench.robots.env:make_vector_env",
                kwargs={"task": task},
            )
