"""The cube pick without a robot: its scene, its pictures, and who knows whether the cube was picked up."""
