"""`toto-bench robot label`."""

from pathlib import Path

import click

from toto_bench.cli.robot_options import Terminal, labeller_option, name_of, trials_argument


@click.command("label")
@trials_argument
@click.option("--trial", type=click.IntRange(min=1), help="Label this trial, without being asked.")
@click.option("--success/--failure", default=None, help="How it went.")
@click.option("--note", default="", help="Anything worth remembering.")
@click.option("--undo", is_flag=True, help="Take back the label that was given last.")
@labeller_option
def command(
    trials: Path, trial: int | None, success: bool | None, note: str, undo: bool, labeller: str | None
) -> None:
    """Say how the trials in TRIALS went; asks for every label that is missing.

    Backbones are not named. Aborted trials need no label: the plan says what they count as.

    \b
    toto-bench robot label TRIALS
    toto-bench robot label TRIALS --undo
    toto-bench robot label TRIALS --trial 7 --failure --note "cube slipped"
    """
    from toto_bench.deploy.session.folder import TrialsFolder
    from toto_bench.deploy.session.labelling import Labeller, label_all
    from toto_bench.deploy.trials import Ledger

    if (trial is None) != (success is None):
        raise click.UsageError("`--trial N` goes with `--success` or `--failure`.")
    if trial is None and note:
        raise click.UsageError("`--note` goes with `--trial N`.")
    folder, name = TrialsFolder(trials), name_of(labeller)
    with Ledger(folder.read_plan(), folder.journal) as ledger:
        if undo:
            click.echo(f"The label of trial {ledger.undo(labeller=name).trial.number} is taken back.")
        if trial is not None and success is not None:
            ledger.label(trial, success=success, labeller=name, note=note)
            missing = len(ledger.unlabelled)
        elif undo:
            missing = len(ledger.unlabelled)
        else:
            missing = label_all(ledger, Labeller(name, Terminal(), folder))
    click.echo(
        "Every trial that has ended is judged." if not missing else f"Labels still missing: {missing}."
    )
