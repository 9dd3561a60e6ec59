"""The scene of the cube pick: the arm's kinematics, where things lie, and what is drawn of them."""

import mujoco
import numpy as np
import pytest

from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.limits import FR3, JOINTS
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.scene import CubeScene, build_scene
from toto_bench.deploy.simulated.settings import FRONT, WRIST
from toto_bench.deploy.simulated.state import SceneState, cube_at, yaw_of
from toto_bench.deploy.simulated.world import READY

SIDE = 64
ABOVE = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785])
"""The hand in front of the arm, looking down."""


@pytest.fixture(scope="module")
def scene() -> CubeScene:
    return build_scene()


@pytest.mark.parametrize("seed", range(5))
def test_the_arm_is_a_franka(scene: CubeScene, seed: int) -> None:
    """Written joints give the fingertips of the forward kinematics that the guard uses."""
    q = np.random.default_rng(seed).uniform(FR3.position.lower, FR3.position.upper)
    data = mujoco.MjData(scene.model)
    scene.write(data, SceneState(q, 1.0, cube_at(0.5, 0.0, 0.0, 0.045)))
    mujoco.mj_kinematics(scene.model, data)
    pose = forward(q)
    assert pose.tips[0] == pytest.approx(data.site("left_tip").xpos, abs=1e-9)
    assert pose.tips[1] == pytest.approx(data.site("right_tip").xpos, abs=1e-9)


def test_ranges_are_those_of_the_fr3(scene: CubeScene) -> None:
    ranges = np.array([scene.model.joint(f"joint{number}").range for number in range(1, JOINTS + 1)])
    assert ranges[:, 0] == pytest.approx(FR3.position.lower)
    assert ranges[:, 1] == pytest.approx(FR3.position.upper)


def test_a_state_is_read_as_it_was_written(scene: CubeScene) -> None:
    data = mujoco.MjData(scene.model)
    state = SceneState(READY + 0.1, 0.4, cube_at(0.45, -0.1, 0.7, 0.045))
    scene.write(data, state)
    again = scene.read(data)
    assert again.q == pytest.approx(state.q)
    assert again.gripper == pytest.approx(0.4)
    assert again.cube == pytest.approx(state.cube)
    assert yaw_of(again.cube) == pytest.approx(0.7)


def reds(picture: np.ndarray) -> np.ndarray:
    """Rows and columns of the cube's pixels, [n, 2]."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return np.argwhere((red > 60) & (red > 2 * green) & (red > 2 * blue))


@pytest.fixture(scope="module")
def painters() -> dict[str, ScenePainter]:
    return {name: ScenePainter(name, height=SIDE, width=SIDE, backend="ray") for name in (FRONT, WRIST)}


def test_the_front_camera_sees_where_the_cube_is(painters: dict[str, ScenePainter]) -> None:
    """It faces the arm: the arm's left is on its right, and what is far from the arm is near to it."""
    places = {}
    for where in [(0.5, 0.0), (0.5, 0.2), (0.4, 0.0), (0.6, 0.0)]:
        picture = painters[FRONT].draw(SceneState(ABOVE, 1.0, cube_at(*where, 0.0, 0.045)))
        assert picture.shape == (SIDE, SIDE, 3) and picture.dtype == np.uint8
        found = reds(picture)
        assert len(found) >= 4, f"the cube at {where} is not seen"
        places[where] = found.mean(0)
    assert places[0.5, 0.2][1] > places[0.5, 0.0][1] + 5
    assert places[0.6, 0.0][0] > places[0.5, 0.0][0] > places[0.4, 0.0][0]


def test_the_wrist_camera_goes_with_the_hand(painters: dict[str, ScenePainter]) -> None:
    cube = cube_at(0.5, 0.0, 0.0, 0.045)
    here = painters[WRIST].draw(SceneState(ABOVE, 1.0, cube))
    turned = painters[WRIST].draw(SceneState(np.add(ABOVE, [0.2, 0, 0, 0, 0, 0, 0]), 1.0, cube))
    assert len(reds(here)) >= 4
    assert abs(reds(here).mean(0)[1] - SIDE / 2) < 4, "the cube lies straight ahead"
    assert not len(reds(turned)) or abs(reds(turned).mean(0)[1] - SIDE / 2) > 8


def test_the_gripper_is_seen_to_close(painters: dict[str, ScenePainter]) -> None:
    cube = cube_at(0.4, 0.2, 0.0, 0.045)
    pictures = [painters[WRIST].draw(SceneState(ABOVE, opening, cube)) for opening in (1.0, 0.0)]
    assert (pictures[0] != pictures[1]).mean() > 0.01


def test_the_same_state_gives_the_same_picture(painters: dict[str, ScenePainter]) -> None:
    """Whatever was drawn before."""
    state = SceneState(READY, 0.5, cube_at(0.5, 0.1, 0.3, 0.045))
    first = painters[FRONT].draw(state)
    painters[FRONT].draw(SceneState(ABOVE, 1.0, cube_at(0.4, 0.0, 0.0, 0.045)))
    assert np.array_equal(first, painters[FRONT].draw(state))
