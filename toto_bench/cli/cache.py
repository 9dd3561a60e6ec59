"""`toto-bench cache`: the feature store."""

import click


@click.group("cache")
def command() -> None:
    """Look at, or empty, the store of computed features."""


@command.command("show")
def show() -> None:
    """Where the store lies, and how big it is."""
    from toto_bench.features.store import FeatureStore
    from toto_bench.paths import cache_folder

    count, size = FeatureStore(cache_folder()).size()
    click.echo(f"{cache_folder()}: {count:,} tensors, {size / 1e6:,.1f} MB")


@command.command("clear")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(yes: bool) -> None:
    """Remove every stored feature; nothing else is lost, they are computed again when needed."""
    from toto_bench.features.store import FeatureStore
    from toto_bench.paths import cache_folder

    if not yes:
        click.confirm(f"Remove all features in {cache_folder()}?", abort=True)
    click.echo(f"{FeatureStore(cache_folder()).clear():,} tensors removed.")
