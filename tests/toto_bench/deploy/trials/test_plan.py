"""Plans: the same poses for everybody, fair turns, and files that are whole."""

import json
from collections import Counter
from pathlib import Path

import pytest

from toto_bench.deploy.errors import PlanError
from toto_bench.deploy.trials import Region, TrialPlan, make_plan, read_plan

THREE = ("toto-base", "mvp-b16", "dino-b8")


def test_every_backbone_starts_from_every_pose_once() -> None:
    plan = make_plan("t", THREE, count=7)
    assert Counter((trial.backbone, trial.pose) for trial in plan.trials) == {
        (backbone, pose): 1 for backbone in THREE for pose in range(1, 8)
    }


def test_turns_are_interleaved_and_fair() -> None:
    """All backbones at one pose, then the next; each is first equally often."""
    plan = make_plan("t", THREE, count=15, seed=4)
    assert [trial.pose for trial in plan.trials] == [pose for pose in range(1, 16) for _ in THREE]
    assert Counter(trial.backbone for trial in plan.trials[::3]) == dict.fromkeys(THREE, 5)
    orders = {tuple(t.backbone for t in plan.trials[start : start + 3]) for start in range(0, 45, 3)}
    assert len(orders) == 3


def test_poses_follow_from_the_seed_alone() -> None:
    """Another backbone, or more trials, later: the poses are those of before."""
    few, many = make_plan("t", THREE[:1], count=4, seed=1), make_plan("u", THREE, count=16, seed=1)
    assert few.poses == many.poses[:4]
    assert make_plan("t", THREE, seed=1) == make_plan("t", THREE, seed=1)
    assert make_plan("t", THREE, seed=1).poses != make_plan("t", THREE, seed=2).poses
    orders = {tuple(t.backbone for t in make_plan("t", THREE, seed=seed).trials) for seed in range(5)}
    assert len(orders) > 1


def test_poses_lie_in_the_region() -> None:
    region = Region(x=(0.3, 0.5), y=(0.1, 0.1), yaw=(-1.0, 0.0))
    poses = make_plan("t", THREE, count=50, region=region).poses
    assert all(0.3 <= pose.x <= 0.5 and pose.y == 0.1 and -1 <= pose.yaw <= 0 for pose in poses)
    assert max(pose.x for pose in poses) - min(pose.x for pose in poses) > 0.15


def test_blind_names_hide_and_differ() -> None:
    plan = make_plan("t", THREE)
    assert {plan.blind_name(backbone) for backbone in THREE} == {"policy 1", "policy 2", "policy 3"}
    assert len({make_plan("t", THREE, seed=seed).blind_name("mvp-b16") for seed in range(12)}) > 1


def test_a_plan_comes_back_from_its_file(tmp_path: Path, plan: TrialPlan) -> None:
    plan.save(tmp_path / "plan.json")
    again = read_plan(tmp_path / "plan.json")
    assert again == plan
    assert again.identity == plan.identity
    assert plan.identity != plan.model_copy(update={"aborted": "exclude"}).identity


def test_damaged_and_absent_plans_are_refused(tmp_path: Path, plan: TrialPlan) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(PlanError, match="No such file"):
        read_plan(path)
    plan.save(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(PlanError, match="cannot be read"):
        read_plan(path)
    content = plan.model_dump(mode="json")
    content["trials"][3]["backbone"] = content["trials"][2]["backbone"]
    path.write_text(json.dumps(content))
    with pytest.raises(PlanError, match="exactly one trial"):
        read_plan(path)


@pytest.mark.parametrize(
    ("backbones", "count", "words"),
    [((), 4, "backbones"), (("a", "a"), 4, "twice"), (("a",), 0, "poses"), (("a",), -1, "no such plan")],
)
def test_impossible_plans_are_refused(backbones: tuple[str, ...], count: int, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        make_plan("t", backbones, count=count)
    with pytest.raises(ValueError, match="empty along y"):
        Region(y=(1.0, 0.0))
