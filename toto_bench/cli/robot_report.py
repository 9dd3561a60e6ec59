"""`toto-bench robot report`."""

from pathlib import Path

import click

from toto_bench.cli.robot_options import trials_argument


@click.command("report")
@trials_argument
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the page; default TRIALS/report.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder of runs, in which the leaderboard finds the trials.",
)
@click.option("--no-record", is_flag=True, help="Only the page.")
def command(trials: Path, to: Path | None, out: Path, no_record: bool) -> None:
    """Say what the trials in TRIALS show: a page, tables, pictures, and a row of the leaderboard for each backbone.

    The page names the backbones: give all labels first. Simulated trials are marked, and never stand beside real ones.

    \b
    toto-bench robot report TRIALS
    """
    from toto_bench.deploy.report import Unrecorded, gather, record_trials, write_report
    from toto_bench.deploy.session.folder import TrialsFolder

    report = gather(TrialsFolder(trials))
    page = write_report(report, to)
    if report.simulated:
        click.echo("Simulated: no real arm moved.")
    for tally in report.tallies:
        click.echo(f"{tally}.")
    for pair in report.pairs:
        click.echo(str(pair.verdict))
    if report.unlabelled:
        click.echo(f"Labels missing: {len(report.unlabelled)} (`toto-bench robot label {trials}`).")
    for each in [] if no_record else record_trials(report, out):
        if isinstance(each, Unrecorded):
            click.echo(f"No row for `{each.backbone}`: {each.reason}")
        else:
            click.echo(f"{'Run':<14} {each.path}{' (was there)' if each.reused else ''}")
    click.echo(f"{'Report':<14} {page}")
