"""`toto-bench show`: one card, readable."""

import click

from toto_bench.cards import BackboneCard, TaskCard, find_task


@click.group("show")
def command() -> None:
    """Show a card."""


@command.command("task")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The card as JSON.")
def task(name: str, as_json: bool) -> None:
    """Show what a task measures, every protocol value and its source, its data, its presets."""
    card = find_task(name)
    click.echo(card.model_dump_json(indent=1) if as_json else "\n".join(_task_lines(card)))


@command.command("backbone")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The card as JSON.")
def backbone(name: str, as_json: bool) -> None:
    """Show a backbone's architecture, weights, licence and training data; `timm:MODEL` loads timm first."""
    from toto_bench.backbones.names import backbone_card

    card = backbone_card(name)
    click.echo(card.model_dump_json(indent=1) if as_json else "\n".join(_backbone_lines(card)))


def _task_lines(card: TaskCard) -> list[str]:
    lines = [f"{card.title} ({card.name}, version {card.version})", card.summary, "", f"Paper: {card.paper}"]
    lines += [f"  {reference}" for reference in card.references]
    lines += ["", "Metrics"]
    lines += [
        f"  {m.name:<14} {m.title}: {m.description}{' (primary)' if m.name == card.primary else ''}"
        for m in card.metrics
    ]
    lines += [
        "",
        f"Data: {card.data.name}, {card.data.size}, licence: {card.data.licence}",
        f"  {card.data.url}",
    ]
    lines += [f"  {card.data.how_to_get}", *(f"  {line}" for line in card.data.layout.strip().splitlines())]
    lines += ["", "Pre-training data that overlaps with it"] if card.data.overlaps else []
    lines += [f"  {name:<14} {o.how} (split: {o.split})" for name, o in card.data.overlaps.items()]
    lines += ["", "Protocol (preset `paper`; * = inferred where the paper is silent)"]
    lines += [
        f"  {name:<18} {entry.value!s:<12}{'*' if entry.inferred else ' '} {entry.source}"
        for name, entry in card.protocol.items()
    ]
    lines += ["", "Presets"]
    for name, preset in card.presets.items():
        lines += [f"  {name:<8} {preset.description} [{preset.source}]"]
        lines += [f"           {key} = {value}" for key, value in preset.values.items()]
    lines += ["", "Known conflicts and differences"] if card.conflicts else []
    lines += [f"  - {conflict}" for conflict in card.conflicts]
    if not card.runnable:
        lines += ["", "Announced: the card is here, the code is not yet."]
    return lines


def _backbone_lines(card: BackboneCard) -> list[str]:
    from toto_bench.backbones.status import status_of

    model = card.architecture
    lines = [f"{card.title} ({card.name})", card.summary, "", f"Paper         {card.paper}"]
    lines += [f"Status        {status_of(card)}"]
    lines += [f"Model         {model.model}" + "".join(f", {k} = {v}" for k, v in model.arguments.items())]
    lines += [f"Layers        {model.layers}"] if model.layers else []
    lines += [f"Parameters    {model.parameters_m:g} M"] if model.parameters_m else []
    lines += [f"Trained at    {model.image_size} px"] if model.image_size else []
    if weights := card.weights:
        hub = weights.repository and f"https://huggingface.co/{weights.repository}"
        package = weights.package and f"package {weights.package}"
        source = (
            weights.url
            or package
            or hub
            or (weights.shipped and "comes with toto-bench")
            or weights.page
            or "not published"
        )
        lines += [
            f"Weights       {source}",
            f"Licence       {weights.licence}",
            f"Dialect       {weights.dialect}",
        ]
        lines += [f"SHA-256       {weights.sha256}"] if weights.sha256 else []
    if card.pretraining:
        lines += [f"Trained on    {', '.join(card.pretraining.data)} ({card.pretraining.method})"]
    lines += ["Floor         a reference without learning, never ranked"] if card.floor else []
    return lines + [f"Note          {note}" for note in card.notes]
