"""A small tabletop world: scenes of items on a table, simulated and rendered, with exact ground truth.

```python
rng = generator(making.seed, "davis", unit)
scene = Scene(items=(Item("ball", "sphere", (0.06, 0.06, 0.06), (0.0, 0.0, 0.3), look=random_look(rng)),))
clip = play(scene, frames=24, fps=12, size=(240, 320), backend=making.backend)
```

- `seeds.generator(seed, *names)`: random numbers of one unit.
- `textures.texture(kind, colours, rng)`; `furnishing`: `random_look(rng)`, `similar_look`, `random_surroundings`,
  `random_lights`, `scatter`.
- `shapes.SHAPES`: names of shapes; `size` is half extents for all of them.
- `paths`: `still`, `through`, `evenly`, `orbit`, `swaying` for cameras and lights; `led` for items;
  `turned`, `product` for rotations.
- `scene`: `Scene`, `Item`, `Look`, `Camera`, `Light`, `Surroundings`.
- `playing.play(scene, ...) -> clip.Clip`: frames, masks, boxes, visible shares, positions, contacts.

Units: metres, seconds, radians; x right, y away from the camera, z up; the table's top is z = 0.
"""
