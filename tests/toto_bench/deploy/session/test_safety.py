"""Nothing stands between a real arm and its first motion but a person with the emergency stop."""

from collections.abc import Callable
from typing import Any

import pytest

from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.session.safety import PHRASE, UnsafeError, expect_emergency_stop, expect_operator

REAL = RobotInfo("franky", "fr3", False, {})
SIMULATED = RobotInfo("mujoco", "fr3", True, {})


@pytest.mark.parametrize("answer", [PHRASE, PHRASE.upper(), "The emergency stop  is in my hand."])
def test_the_phrase_lets_the_arm_move(answer: str, person: Callable[..., Any]) -> None:
    ada = person(answer)
    expect_emergency_stop(ada, REAL)
    assert any("not safety-rated" in text for text in ada.said)


@pytest.mark.parametrize(
    "answer", ["", "y", "yes", "the emergency stop is", "emergency stop", f"not {PHRASE}"]
)
def test_anything_else_does_not(answer: str, person: Callable[..., Any]) -> None:
    with pytest.raises(UnsafeError, match="Nothing has moved") as caught:
        expect_emergency_stop(person(answer), REAL)
    assert caught.value.exit_code == 2


def test_without_a_terminal_there_is_nobody_to_ask(person: Callable[..., Any]) -> None:
    """The phrase cannot be piped in."""
    ada = person(PHRASE)
    ada.present = False
    for ask in (expect_emergency_stop, expect_operator):
        with pytest.raises(UnsafeError, match="no terminal"):
            ask(ada, REAL)
    assert ada.asked == []


def test_a_simulation_needs_nobody(person: Callable[..., Any]) -> None:
    ada = person()
    ada.present = False
    expect_emergency_stop(ada, SIMULATED)
    expect_operator(ada, SIMULATED)
    assert ada.asked == []
