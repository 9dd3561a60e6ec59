"""The manufacturer's limits of the Franka Emika Panda (FER) and of the Franka Research 3 (FR3).

Joint tables: frankaemika/docs, source/control-parameters-joint-*.csv; frankarobotics/docs, robot_specifications.rst.
"""

from types import MappingProxyType

from toto_bench.deploy.limits.model import ArmLimits, CartesianLimits, JointRange

_FER_DOCS = "frankaemika/docs, source/control-parameters-joint-*.csv (FER)"
_FR3_DOCS = "frankarobotics/docs, robot_specifications.rst (FR3)"
_TORQUE = (87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0)
_TORQUE_RATE = (1000.0,) * 7
_FR3_CARTESIAN = CartesianLimits(
    speed=3.0,
    acceleration=9.0,
    jerk=4500.0,
    turning=2.5,
    turning_acceleration=17.0,
    turning_jerk=8500.0,
)

FER = ArmLimits(
    name="fer",
    source=_FER_DOCS,
    position=JointRange(
        lower=(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
        upper=(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    ),
    velocity=(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
    acceleration=(15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
    jerk=(7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
    torque=_TORQUE,
    torque_rate=_TORQUE_RATE,
    cartesian=CartesianLimits(
        speed=1.7,
        acceleration=13.0,
        jerk=6500.0,
        turning=2.5,
        turning_acceleration=25.0,
        turning_jerk=12500.0,
    ),
)
"""Panda."""

FR3 = ArmLimits(
    name="fr3",
    source=_FR3_DOCS,
    position=JointRange(
        lower=(-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159),
        upper=(2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159),
    ),
    velocity=(2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26),
    acceleration=(10.0,) * 7,
    jerk=(5000.0,) * 7,
    torque=_TORQUE,
    torque_rate=_TORQUE_RATE,
    cartesian=_FR3_CARTESIAN,
)
"""Its velocities hold only far from the ends of the ranges: they shrink with the distance to the stop (libfranka 0.15,
rate_limiting.h). 0.05 rad from its stop joint 4 may approach it with 0.33 rad/s."""

FR3_RECTANGULAR = ArmLimits(
    name="fr3-rectangular",
    source=f"{_FR3_DOCS}: the suggested ranges in which fixed velocities hold everywhere",
    position=JointRange(
        lower=(-2.3093, -1.5133, -2.4937, -2.7478, -2.48, 0.8521, -2.6895),
        upper=(2.3093, 1.5133, 2.4937, -0.4461, 2.48, 4.2094, 2.6895),
    ),
    velocity=(2.0, 1.0, 1.5, 1.25, 3.0, 1.5, 3.0),
    acceleration=(10.0,) * 7,
    jerk=(5000.0,) * 7,
    torque=_TORQUE,
    torque_rate=_TORQUE_RATE,
    cartesian=_FR3_CARTESIAN,
)
"""The table to work with: no velocity in it depends on the position."""

FR3_WIDE = JointRange(
    lower=(-2.9007, -1.8361, -2.9007, -3.077, -2.8763, 0.4398, -3.0508),
    upper=(2.9007, 1.8361, 2.9007, -0.1169, 2.8763, 4.6216, 3.0508),
)
"""Ranges of newer FR3 descriptions (the URDF that a robot serves itself). They widen the data sheet's, so that they
are intersected with ours, never put in their place."""

PUBLISHED = MappingProxyType({table.name: table for table in (FER, FR3, FR3_RECTANGULAR)})
"""All tables by name."""

FRANKY_SELECTS = MappingProxyType({"fr3": "fer", "fer": "fr3"})
"""Whose dynamic limits franky-control 2.0.0 takes for each robot: the other one's.

Its macro (src/robot.cpp:22-55) picks the second of two values in builds for the FR3, and the second is the Panda's.
A build for the FR3 reports accelerations of 15, 7.5, 10, 12.5, 15, 20 and 20 rad/s², and 13 m/s², where the FR3 allows
10 and 9. Seen here, not confirmed by its authors. Drivers therefore set `OURS` themselves and never rely on defaults.
"""
