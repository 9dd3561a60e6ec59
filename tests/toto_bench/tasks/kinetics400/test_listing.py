"""Lines of lists."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.kinetics400.listing import Row, clip_name, identifier_of, read_listing

HEADER = "label,youtube_id,time_start,time_end,split"


def rows(listing: Callable[..., Path], *lines: str) -> list[Row]:
    """Of a list with these lines."""
    return list(read_listing(listing("list.csv", lines) / "list.csv").rows)


def test_cvdf(listing: Callable[..., Path]) -> None:
    """Identifiers begin with `-` and hold `_`; labels may stand in quotes."""
    found = rows(listing, HEADER, "yoga,-A_b--C_d12,7,17,val", '"tai, chi",_00000000_x,100,110.0,val')
    assert [(row.line, row.name, row.label, row.class_id) for row in found] == [
        (2, "-A_b--C_d12_000007_000017", "yoga", None),
        (3, "_00000000_x_000100_000110", "tai, chi", None),
    ]


def test_cvdf_in_other_ways(listing: Callable[..., Path]) -> None:
    """Columns in another order, no times, no labels, a mark at the beginning as spreadsheets write it."""
    assert rows(listing, "\ufeffyoutube_id,time_start,time_end,label", "abc,,,yoga")[0].name == "abc"
    assert rows(listing, "youtube_id,time_start,time_end,split", "abc,1,11,test")[0].label is None


@pytest.mark.parametrize(
    ("line", "name", "class_id"),
    [
        ("val/abc.mp4 17", "val/abc.mp4", 17),
        ("val/abc.mp4,17", "val/abc.mp4", 17),
        ("val/abc.mp4\t17", "val/abc.mp4", 17),
        ("val/tai chi/a b.mp4 17", "val/tai chi/a b.mp4", 17),
        ("val/tai chi/a b.mp4, 17", "val/tai chi/a b.mp4", 17),
        ("/data/k400/abc.mp4 300 17", "/data/k400/abc.mp4", 17),
        ("val/a,b.mp4 300 17", "val/a,b.mp4", 17),
    ],
)
def test_paths(line: str, name: str, class_id: int, listing: Callable[..., Path]) -> None:
    """Apart by a blank, a comma or a tab, with a number of frames between or not; paths with blanks and commas."""
    [row] = rows(listing, line)
    assert (row.name, row.label, row.class_id) == (name, None, class_id)


def test_a_number_before_the_id_may_be_of_the_path(listing: Callable[..., Path]) -> None:
    """Which it is, the files tell."""
    [row] = rows(listing, "val/yoga 3 17")
    assert (row.name, row.other) == ("val/yoga", "val/yoga 3")


def test_blank_lines_do_not_count(listing: Callable[..., Path]) -> None:
    """Line numbers are those of the file."""
    assert [row.line for row in rows(listing, "", "a.mp4 1", "", "b.mp4 2")] == [2, 4]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a.mp4 1", "b.mp4"], "line 2, is `b.mp4`"),
        (["a.mp4 one"], "line 1, is `a.mp4 one`"),
        ([""], "lists no video"),
        ([HEADER], "lists no video"),
        ([HEADER, "yoga,abc,one,two,val"], "line 2"),
    ],
)
def test_what_is_no_list_is_an_error(lines: list[str], words: str, listing: Callable[..., Path]) -> None:
    """The line is named."""
    with pytest.raises(DataError, match=words):
        rows(listing, *lines)


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    """A video called csv."""
    (tmp_path / "val.csv").write_bytes(b"\xff\xfe\x00\x80" * 9)
    with pytest.raises(DataError, match=r"val\.csv cannot be read"):
        read_listing(tmp_path / "val.csv")


def test_names_and_identifiers() -> None:
    """From times to names and back; a name without times is all identifier."""
    assert clip_name("-A_b", "3", "13") == "-A_b_000003_000013"
    assert [identifier_of(stem) for stem in ("-A_b_000003_000013", "-A_b", "a_1_2", "x_000001")] == [
        "-A_b",
        "-A_b",
        "a_1_2",
        "x_000001",
    ]
