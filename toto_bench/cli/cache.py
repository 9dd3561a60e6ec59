"""`toto-bench cache`: the feature store."""

import click


@click.group("cache")
def command() -> None:
    """Look at, or empty, what was computed once: features, and the token ids of pre-training."""


@command.command("show")
def show() -> None:
    """Where it lies, and how big it is."""
    from toto_bench.features.store import FeatureStore
    from toto_bench.paths import cache_folder
    from toto_bench.pretraining.shards import stored

    count, size = FeatureStore(cache_folder()).size()
    folders, ids = stored()
    click.echo(f"{cache_folder()}: {count:,} tensors, {size / 1e6:,.1f} MB")
    click.echo(f"Token ids of pre-training: {folders:,} data sets, {ids / 1e6:,.1f} MB")


@command.command("clear")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(yes: bool) -> None:
    """Remove all of it; nothing else is lost, it is computed again when needed."""
    from toto_bench.features.store import FeatureStore
    from toto_bench.paths import cache_folder
    from toto_bench.pretraining.shards import stored

    folders, _ = stored()
    if not yes:
        ids = f", and the token ids of {folders:,} data sets of pre-training" if folders else ""
        click.confirm(f"Remove all features in {cache_folder()}{ids}?", abort=True)
    click.echo(f"{FeatureStore(cache_folder()).clear():,} tensors removed.")
    if removed := folders - stored()[0]:
        click.echo(f"Token ids of {removed:,} data sets of pre-training removed.")
