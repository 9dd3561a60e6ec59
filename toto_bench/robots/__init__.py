"""Robots in simulation: scenes, a vector environment for gymnasium, and experts.

Importing this package registers the tasks with gymnasium:

```python
import gymnasium
import toto_bench.robots

env = gymnasium.make_vec("toto_bench/FrankaPick-v1", num_envs=8)
```
"""

from toto_bench.robots.registration import IDS, register

__all__ = ["IDS"]

register()
