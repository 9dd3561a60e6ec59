"""What a full disk did not take waits, in its order, and is told to the user."""

from pathlib import Path

from toto_bench.deploy.runner import Unwritten
from toto_bench.files import DiskError


class Disk:
    """Takes things, or does not."""

    def __init__(self) -> None:
        self.full = True
        self.taken: list[str] = []

    def write(self, what: str):
        def write() -> None:
            if self.full:
                raise DiskError("No space left on device.")
            self.taken.append(what)

        return write


def test_things_wait_in_their_order(tmp_path: Path) -> None:
    disk, unwritten = Disk(), Unwritten(tmp_path / "kept.json")
    assert not unwritten.write("The end", disk.write("end"), {"trial": 1})
    assert not unwritten.write("The label", disk.write("label"), {"trial": 1})
    assert len(unwritten) == 2
    assert "The end, The label: it is kept in memory and in" in str(unwritten.problem)
    disk.full = False
    assert unwritten.write("The next end", disk.write("next"), {"trial": 2})
    assert disk.taken == ["end", "label", "next"]
    assert unwritten.problem is None and not (tmp_path / "kept.json").exists()


def test_without_a_second_place_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    disk, unwritten = Disk(), Unwritten(tmp_path / "file" / "kept.json")
    assert not unwritten.write("The end", disk.write("end"), {})
    assert "do not end this program" in str(unwritten.problem)
    disk.full = False
    assert unwritten.retry() and disk.taken == ["end"]


def test_what_is_written_at_once_leaves_nothing(tmp_path: Path) -> None:
    disk, unwritten = Disk(), Unwritten(tmp_path / "kept.json")
    disk.full = False
    assert unwritten.write("The end", disk.write("end"), {})
    assert len(unwritten) == 0 and not any(tmp_path.iterdir())
