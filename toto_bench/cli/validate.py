"""`toto-bench validate`: whether cards, the code behind them and published rows are right."""

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toto_bench.cli.options import json_option

if TYPE_CHECKING:
    from toto_bench.validation import Subject


@click.command("validate")
@click.argument("cards", nargs=-1, metavar="[CARD...]")
@click.option("--build", is_flag=True, help="Also build every model and write every sample; takes a while.")
@json_option
def command(cards: tuple[str, ...], build: bool, as_json: bool) -> None:
    """Check cards, the code behind them and published rows; exits with 1 if something is wrong.

    CARD is a task, a backbone, a family of backbones, or the path of a card's file. A card that is named is also
    built (or writes its sample). Without one, every card is checked, those of plug-ins too, and every published row.
    """
    from toto_bench.validation import validate

    with contextlib.redirect_stdout(sys.stderr):  # code of plug-ins may print
        subjects = validate(cards, build=build)
    if as_json:
        click.echo(json.dumps(_document(subjects), indent=1))
    else:
        click.echo("\n".join(line for subject in subjects for line in _lines(subject)))
        click.echo(_counts(subjects))
    if any(subject.problems for subject in subjects):
        raise click.exceptions.Exit(1)


def _lines(subject: "Subject") -> list[str]:
    """`ok  davis`, or the name and a line for each problem; then the notes."""
    state = "wrong" if subject.problems else "ok"
    title = (
        subject.name if subject.kind in ("task", "backbone", "plug-ins") else f"{subject.kind} {subject.name}"
    )
    lines = [f"{state:<6} {title}"]
    place = f"{_short(subject.path)}: " if subject.path else ""
    lines += [f"       {place}{finding.text}" for finding in subject.problems]
    return lines + [f"       note: {finding.text}" for finding in subject.notes]


def _short(path: Path) -> Path:
    """Relative where it lies under the current folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _counts(subjects: "list[Subject]") -> str:
    cards = sum(subject.kind in ("task", "backbone") for subject in subjects)
    tables = sum(subject.kind == "table" for subject in subjects)
    problems = sum(len(subject.problems) for subject in subjects)
    notes = sum(len(subject.notes) for subject in subjects)
    return f"cards {cards}, tables {tables}, problems {problems}, notes {notes}"


def _document(subjects: "list[Subject]") -> dict[str, Any]:
    checked = [
        {
            "name": subject.name,
            "kind": subject.kind,
            "file": str(subject.path) if subject.path else None,
            "problems": [{"key": finding.key, "message": finding.text} for finding in subject.problems],
            "notes": [{"key": finding.key, "message": finding.text} for finding in subject.notes],
        }
        for subject in subjects
    ]
    return {
        "problems": sum(len(subject.problems) for subject in subjects),
        "notes": sum(len(subject.notes) for subject in subjects),
        "checked": checked,
    }
