"""A scene as a MuJoCo model."""

import math

import mujoco
import numpy as np

from toto_bench.samples.world.paths import Point, Quaternion, product, turned
from toto_bench.samples.world.scene import ROOM, TABLE, Item, Look, Scene
from toto_bench.samples.world.shapes import Part, parts_of
from toto_bench.simulation.spec import add_mesh, add_surface

CAMERA = "camera"
_HEAVY = 100.0
"""Factor on the density of what an invisible hand leads all the time, so that nothing slows it."""
_SLIPPERY = [0.01, 0.001, 0.0001]
"""Of two things that touch the rougher one counts; so an item's own friction does."""
_UNSEEN = 3
"""A geom group that is touched but not drawn."""
_THICKNESS = 0.03
_FLOOR = -0.75
_REACH = 4.0
_STIFFNESS = 1e5


def build(scene: Scene, timestep: float) -> mujoco.MjModel:
    """The compiled model: one body per item and clutter with its name, a camera, `light0` ...

    Args:
        scene: what is in it.
        timestep: of the physics, in seconds.
    """
    spec = mujoco.MjSpec()
    spec.option.timestep = timestep
    spec.option.gravity = [0.0, 0.0, -scene.gravity]
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.stat.extent, spec.stat.center = 2.0, [0.0, 0.0, 0.0]
    spec.visual.map.znear, spec.visual.map.zfar = 0.01, 20.0
    spec.visual.quality.numslices, spec.visual.quality.numstacks = 64, 32
    _add_surroundings(spec, scene)
    for item in (*scene.items, *scene.clutter):
        _add_item(spec, item)
    spec.worldbody.add_camera(name=CAMERA, fovy=scene.camera.field_of_view)
    for index, light in enumerate(scene.lights):
        spec.worldbody.add_light(
            name=f"light{index}",
            castshadow=False,
            cutoff=80.0,
            exponent=1.0,
            specular=[0.2] * 3,
            diffuse=light.colour,
        )
    return spec.compile()


def _add_surroundings(spec: mujoco.MjSpec, scene: Scene) -> None:
    room = scene.surroundings
    head = spec.visual.headlight
    head.ambient, head.diffuse, head.specular = [room.ambient] * 3, [0.15] * 3, [0.0] * 3
    flat = mujoco.mjtTexture.mjTEXTURE_2D
    x, y = room.table_size
    spec.worldbody.add_body(name=TABLE).add_geom(
        name=TABLE,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[x, y, _THICKNESS],
        pos=[0, 0, -_THICKNESS],
        material=_surface(spec, "table", room.table, flat),
        friction=_SLIPPERY,
    )
    body = spec.worldbody.add_body(name=ROOM)
    plane = mujoco.mjtGeom.mjGEOM_PLANE
    floor = _surface(spec, "floor", room.floor, flat)
    body.add_geom(
        name="floor",
        type=plane,
        size=[_REACH, _REACH, 0.1],
        pos=[0, 0, _FLOOR],
        material=floor,
        friction=_SLIPPERY,
    )
    walls = _surface(spec, "walls", room.walls, flat)
    for index, (side, forward) in enumerate(
        [((0, 1), (0, -1)), ((0, -1), (0, 1)), ((1, 0), (-1, 0)), ((-1, 0), (1, 0))]
    ):
        turn = math.atan2(forward[0], -forward[1])
        body.add_geom(
            name=f"wall{index}",
            type=plane,
            size=[_REACH, _REACH, 0.1],
            pos=[_REACH * side[0] * 0.6, _REACH * side[1] * 0.6, 0.0],
            quat=_standing(turn),
            material=walls,
            contype=0,
            conaffinity=0,
        )


def _standing(turn: float) -> Quaternion:
    """A plane's rotation: stood up to face -y, then turned about z."""
    return product(turned((0.0, 0.0, 1.0), turn), turned((1.0, 0.0, 0.0), math.pi / 2))


def _add_item(spec: mujoco.MjSpec, item: Item) -> None:
    body = spec.worldbody.add_body(name=item.name, pos=item.position, quat=item.rotation)
    if item.movable or item.path is not None:
        body.add_freejoint(name=item.name)
    material = _surface(spec, f"item {item.name}", item.look, mujoco.mjtTexture.mjTEXTURE_CUBE)
    for index, part in enumerate(parts_of(item.shape, item.size)):
        _add_part(spec, body, item, part, name=f"{item.name} {index}", material=material)


def _add_part(
    spec: mujoco.MjSpec, body: mujoco.MjsBody, item: Item, part: Part, *, name: str, material: str
) -> None:
    geom = body.add_geom(name=name, pos=part.position, quat=part.rotation, material=material)
    if part.mesh is None:
        geom.type = getattr(mujoco.mjtGeom, f"mjGEOM_{part.kind.upper()}")
        geom.size = part.size
    else:
        geom.type = mujoco.mjtGeom.mjGEOM_MESH
        geom.meshname = add_mesh(spec, name, part.mesh.vertices * np.array(part.size), part.mesh.faces)
    if not part.seen:
        geom.group = _UNSEEN
    if not (part.touched and item.solid):
        geom.contype = geom.conaffinity = 0
    led = item.path is not None and not item.movable
    geom.density = item.density * (_HEAVY if led else 1.0) if part.touched else 0.0
    geom.condim = 6
    geom.friction = [item.friction, 0.005, item.rolling]
    if item.bounce > 0:
        geom.priority = 1
        geom.solref = _bouncing(item.bounce)


def _bouncing(share: float) -> list[float]:
    """Stiffness and damping (negative: given directly) of a contact after which this share of the speed is left."""
    logarithm = math.log(min(share, 0.95))
    ratio = -logarithm / math.hypot(math.pi, logarithm)
    return [-_STIFFNESS, -2 * ratio * math.sqrt(_STIFFNESS)]


def _surface(spec: mujoco.MjSpec, name: str, look: Look, kind: mujoco.mjtTexture) -> str:
    return add_surface(
        spec, name, look.texture, kind, colour=look.colour, shine=look.shine, repeat=look.repeat
    )


def aim(position: Point, target: Point) -> tuple[Point, list[float]]:
    """Position and rotation (w, x, y, z) of a camera that looks at a point, upright."""
    backward = np.array(position) - np.array(target)
    backward /= np.linalg.norm(backward)
    right = np.cross([0.0, 0.0, 1.0], backward)
    if np.linalg.norm(right) < 1e-6:
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    rotation = np.zeros(4)
    mujoco.mju_mat2Quat(rotation, np.stack([right, np.cross(backward, right), backward], axis=1).ravel())
    return position, [float(value) for value in rotation]
