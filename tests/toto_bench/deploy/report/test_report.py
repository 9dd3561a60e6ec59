"""The page, its tables and its pictures."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from toto_bench.deploy.errors import JournalError
from toto_bench.deploy.report import gather, write_report
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials import Ledger, make_plan
from toto_bench.errors import RequestError

Make = Callable[..., TrialsFolder]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_page_says_what_the_trials_can_show(make_trials: Make) -> None:
    """The paper's counts: rates, intervals, the plain sentence, and how many trials would be enough."""
    page = write_report(gather(make_trials())).read_text()
    assert "| mvp-b16 | 75.0 | 50.5 to 89.8 | 12 | 16 | 0 | 0 |" in page
    assert "| toto-base | 62.5 | 38.6 to 81.5 | 10 | 16 | 1 | 0 |" in page
    assert "cannot tell them apart" in page
    assert "About 215 trials of each" in page
    assert "real FR3 (franky)" in page
    assert "Simulated" not in page
    assert "`MVP (published)` succeeds in 12 of 16 trials" in page
    assert "`toto-base (published)` succeeds in 10 of 16 trials" in page


def test_aborted_trials_are_shown_and_how_they_count(make_trials: Make) -> None:
    page = write_report(gather(make_trials())).read_text()
    assert "Aborted trials count as failures" in page
    assert re.search(r"\| \d+ \| toto-base \| jump \| The target is far away. \|", page)
    page = write_report(gather(make_trials(name="other", aborted="exclude"))).read_text()
    assert "Aborted trials are left out" in page
    assert "| toto-base | 66.7 | 41.7 to 84.8 | 10 | 15 | 1 | 0 |" in page


def test_a_simulation_is_called_one(make_trials: Make) -> None:
    """On the page, and in the picture's title; and it is not compared with the paper's real trials."""
    page = write_report(gather(make_trials(robot="simulated"))).read_text()
    assert "**Simulated: no real arm moved.**" in page
    assert "published" not in page


def test_every_link_leads_somewhere(make_trials: Make, tmp_path: Path) -> None:
    """Videos and pictures, also where the report lies somewhere else; a lost video is no dead link."""
    folder = make_trials()
    (folder.path / "videos" / "trial-003.mp4").unlink()
    for out in (None, tmp_path / "elsewhere" / "deep"):
        page = write_report(gather(folder), out)
        links = re.findall(r"\]\(([^)]+)\)", page.read_text())
        assert len([link for link in links if link.endswith(".mp4")]) == 31
        assert {link for link in links if link.endswith(".png")} == {
            "success.png",
            "trials.png",
            "latency.png",
        }
        assert all((page.parent / link).is_file() for link in links)


def test_tables_hold_what_the_page_says(make_trials: Make) -> None:
    page = write_report(gather(make_trials()))
    success = {row["backbone"]: row for row in read(page.parent / "success.csv")}
    assert float(success["toto-base"]["success"]) == 0.625
    assert [row["successes"] for row in success.values()] == ["12", "10"]
    [pair] = read(page.parent / "comparisons.csv")
    assert (pair["comparisons"], pair["told_apart"]) == ("1", "False")
    assert float(pair["p_fisher"]) == pytest.approx(0.704, abs=1e-3)
    trials = read(page.parent / "trials.csv")
    assert [int(row["trial"]) for row in trials] == list(range(1, 33))
    assert {row["note"] for row in trials if row["result"] != "aborted"} == {"by the | book"}
    timing = read(page.parent / "timing.csv")
    assert sum(row["name"] == "shortened" for row in timing) == 32
    inference = {row["trial"]: float(row["value"]) for row in timing if row["name"] == "policy p50"}
    assert inference["7"] == pytest.approx(0.027)


def test_latency_and_guard_are_summed_up(make_trials: Make) -> None:
    """Times in ms, counts as they are."""
    page = write_report(gather(make_trials(lambda backbone, pose: True, ("a",), poses=5))).read_text()
    assert "| a | policy | 5 | 23 |  | 50 | 50 |" in page
    assert "| backbone | missed deadlines | passed | shortened |" in page
    assert "| a | 5 | 3000 | 15 |" in page


def test_virtual_time_has_no_latencies(make_trials: Make) -> None:
    """A table of zeros would look like a measurement."""
    folder = make_trials(robot="simulated")
    text = re.sub(r'"policy p(50|99)":[0-9.]+', r'"policy p\1":0.0', folder.journal.read_text())
    folder.journal.write_text(text)
    page = write_report(gather(folder))
    assert "in which computing takes none" in page.read_text()
    assert "latency.png" not in page.read_text()
    assert "| backbone | missed deadlines |" in page.read_text()


def test_pictures_are_drawn(make_trials: Make) -> None:
    """Not empty, and another result is another picture."""
    first = write_report(gather(make_trials()))
    other = write_report(gather(make_trials(lambda backbone, pose: True, name="other")))
    for name in ("success.png", "trials.png", "latency.png"):
        picture = cv2.imread(str(first.parent / name))
        assert min(picture.shape[:2]) > 150
        assert picture.std() > 5
    for name in ("success.png", "trials.png"):
        assert (first.parent / name).read_bytes() != (other.parent / name).read_bytes()


def test_a_plan_that_was_hardly_begun(tmp_path: Path) -> None:
    """No trial, then one that waits for its label: nothing is counted, nothing breaks."""
    folder = TrialsFolder(tmp_path)
    plan = make_plan("franka-cube-pick", ("a", "b"), count=2)
    plan.save(folder.plan)
    assert "There are no two backbones with trials" in write_report(gather(folder)).read_text()
    with Ledger(plan, folder.journal) as ledger:
        ledger.start(1)
        ledger.end(1, "completed", "time")
        ledger.start(2)
        page = write_report(gather(folder)).read_text()
    assert "1 wait for a label, 3 are not finished" in page
    assert "give the labels that are missing" in page
    assert "no label yet" in page
    assert "under way" in page


def test_wrong_folders_are_refused(make_trials: Make, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="holds no trials"):
        gather(TrialsFolder(tmp_path / "nothing"))
    folder = make_trials()
    make_plan("franka-cube-pick", ("other",)).save(folder.plan)
    with pytest.raises(JournalError, match="belongs to another plan"):
        gather(folder)
