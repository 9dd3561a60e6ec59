"""What a scene consists of: items on a table in a room, a camera, lights. Plain data; `play` brings it to life."""

from collections.abc import Callable
from dataclasses import dataclass, field

from toto_bench.samples.world.paths import UPRIGHT, Curve, Path, Point, Quaternion, still
from toto_bench.samples.world.textures import Colour, Texture

TABLE = "table"
ROOM = "room"
GREY: Colour = (0.6, 0.6, 0.6)


@dataclass(frozen=True)
class Look:
    """How a surface looks."""

    texture: Texture | None = None
    """Wrapped around the thing; None: one colour."""
    colour: Colour = (1.0, 1.0, 1.0)
    """Of the surface, or multiplied with the texture."""
    shine: float = 0.2
    """0 = dull, 1 = with a bright highlight."""
    repeat: float = 1.0
    """How often a table's or wall's texture is repeated along it."""


@dataclass(frozen=True)
class Item:
    """A thing with a name and a mask of its own."""

    name: str
    shape: str
    """One of `shapes.SHAPES`."""
    size: Point
    """Half extents along its own axes, in metres; origin in the middle: at z = size[2] it stands on the table."""
    position: Point
    look: Look = Look()
    rotation: Quaternion = UPRIGHT
    velocity: Point = (0.0, 0.0, 0.0)
    """At time 0, in m/s, world axes."""
    spin: Point = (0.0, 0.0, 0.0)
    """At time 0, in rad/s, own axes."""
    path: Path | None = None
    """Led by an invisible hand whenever this gives a pose; pushes others, and keeps its velocity when let go.
    The path at time 0 replaces `position` and `rotation`."""
    movable: bool = True
    """False without a path: fixed to the world. False with a path: so heavy that nothing slows it."""
    solid: bool = True
    """False: passes through everything."""
    density: float = 400.0
    """kg per cubic metre."""
    friction: float = 0.6
    """Sliding friction."""
    rolling: float = 0.001
    """Rolling friction, in metres."""
    bounce: float = 0.0
    """About the share of speed that is left after hitting something: 0 to 0.95."""


@dataclass(frozen=True)
class Camera:
    """Where one looks from and to."""

    position: Curve = field(default_factory=lambda: still((0.0, -1.3, 0.8)))
    target: Curve = field(default_factory=lambda: still((0.0, 0.0, 0.05)))
    field_of_view: float = 40.0
    """Vertical, in degrees."""


@dataclass(frozen=True)
class Light:
    """A lamp; there are no shadows."""

    position: Curve = field(default_factory=lambda: still((0.5, -0.8, 1.8)))
    target: Curve = field(default_factory=lambda: still((0.0, 0.0, 0.0)))
    colour: Colour = GREY
    brightness: Callable[[float], float] = lambda _: 1.0
    """Factor on the colour at a time in seconds."""


@dataclass(frozen=True)
class Surroundings:
    """Table, walls and floor."""

    table: Look = Look(colour=(0.6, 0.5, 0.4))
    table_size: tuple[float, float] = (0.8, 0.6)
    """Half extents of its top, in metres."""
    walls: Look = Look(colour=(0.7, 0.7, 0.75))
    floor: Look = Look(colour=(0.4, 0.4, 0.4))
    ambient: float = 0.35
    """Light from everywhere."""


@dataclass(frozen=True)
class Scene:
    """Everything that is seen."""

    items: tuple[Item, ...]
    """What has a mask; at most 254. Names differ."""
    clutter: tuple[Item, ...] = ()
    """Distractors: simulated and drawn like items, but background in masks."""
    camera: Camera = Camera()
    lights: tuple[Light, ...] = (Light(),)
    surroundings: Surroundings = Surroundings()
    gravity: float = 9.81
