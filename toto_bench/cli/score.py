"""`toto-bench score`: anyone's predictions, scored by the code that scores ours."""

from pathlib import Path

import click

from toto_bench.cli.options import allow_missing_option, data_option, json_option, protocol_options


@click.command("score")
@click.argument("task")
@click.argument("predictions", type=click.Path(path_type=Path))
@data_option
@protocol_options
@allow_missing_option
@json_option
def command(
    task: str,
    predictions: Path,
    data: str | None,
    preset: str | None,
    settings: tuple[str, ...],
    allow_missing: bool,
    as_json: bool,
) -> None:
    """Score PREDICTIONS in the official format of TASK; no backbone is needed.

    \b
    toto-bench score davis RESULTS --data DAVIS
    """
    from toto_bench.cli.output import echo_items, echo_json, echo_metrics, outcome_json
    from toto_bench.errors import RequestError
    from toto_bench.runner.data import find_data
    from toto_bench.runner.tasks import build_protocol, load_task, parse_settings
    from toto_bench.tasks.base import Rescorable, Scorable

    found = load_task(task)
    if not isinstance(found, Scorable):
        again = (
            " `toto-bench runs verify RUN --rescore` computes the numbers of a finished run again, without the model."
            if isinstance(found, Rescorable)
            else ""
        )
        raise RequestError(f"The predictions of `{task}` are not files: it has nothing to score.{again}")
    if not predictions.exists():
        raise RequestError(f"{predictions} does not exist: give the folder (or file) of predictions.")
    protocol = build_protocol(found, preset or "paper", parse_settings(settings))
    outcome = found.score(
        predictions, found.check(find_data(found, data), protocol), protocol, allow_missing=allow_missing
    )
    for warning in outcome.warnings:
        click.echo(f"Note: {warning}", err=True)
    if as_json:
        echo_json([outcome_json(outcome)], single=True)
    else:
        echo_items(outcome.items)
        echo_metrics(f"{task} · {predictions}", task, outcome.metrics, outcome.coverage)
