"""What makes two runs the same run."""

from typing import Any, NamedTuple

from toto_bench.files import digest


class Identity(NamedTuple):
    """Everything that can change a result. Two runs with equal identity are one run."""

    task: str
    task_version: int
    backbone: str
    architecture: str
    weights: str
    preprocessing: str
    protocol_hash: str
    fingerprint: str
    seed: int
    dtype: str
    limit: int | None
    allow_missing: bool

    @property
    def hash(self) -> str:
        """Hex digest."""
        return digest(self._asdict())

    @property
    def run_id(self) -> str:
        """Name of the run's folder: readable, and unique."""
        backbone = "".join(c if c.isalnum() or c in "._-" else "-" for c in self.backbone)
        return f"{self.task}-{backbone}-{self.hash[:10]}"


def protocol_hash(values: dict[str, Any]) -> str:
    """Hash of resolved protocol values."""
    return digest(values)
