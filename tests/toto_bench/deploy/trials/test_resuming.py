"""Any mixture of trials, labels, slips and kills: what is read back is what was known."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from toto_bench.deploy.errors import TrialOrderError
from toto_bench.deploy.trials import Ledger, compare_paired, make_plan, read_journal, standings

PLAN = make_plan("t", ("a", "b"), count=3)
STEPS = st.sampled_from(["run", "abort", "win", "lose", "undo", "kill", "kill under way", "torn line"])


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_history(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trials.jsonl"
        ledger = Ledger(PLAN, path)
        for step in steps:
            ledger = take(ledger, step, path)
            assert standings(PLAN, read_journal(path).events) == ledger.standings
        ledger.close()
        started = [event.trial for event in read_journal(path).events if event.event == "started"]
        assert started == list(range(1, len(started) + 1)), "a trial was left out or repeated"
        compared = compare_paired(PLAN, ledger.standings, "a", "b")
        for tally in (compared.first, compared.second):
            assert tally.count + tally.pending == 3
            assert 0 <= tally.successes <= tally.count - tally.aborted


def take(ledger: Ledger, step: str, path: Path) -> Ledger:
    """One step; kills end the ledger and begin another."""
    trial = ledger.next
    if step in {"run", "abort", "kill under way"} and trial is not None:
        ledger.start(trial.number)
    if step in {"run", "abort"} and trial is not None:
        ledger.end(trial.number, "completed" if step == "run" else "aborted", step)
    if step in {"win", "lose"} and ledger.unlabelled:
        ledger.label(ledger.unlabelled[0].trial.number, success=step == "win", labeller="ada")
    if step == "undo":
        has_label = any(standing.label for standing in ledger.standings.values())
        try:
            ledger.undo(labeller="ada")
            assert has_label
        except TrialOrderError:
            assert not has_label
    if step in {"kill", "kill under way", "torn line"}:
        ledger.close()
        if step == "torn line":
            with path.open("ab") as stream:
                stream.write(b'{"event":"labelled","trial":1,"succ')
        return Ledger(PLAN, path)
    return ledger
