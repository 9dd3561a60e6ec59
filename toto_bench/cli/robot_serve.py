"""`toto-bench robot serve`."""

from pathlib import Path

import click


@click.command("serve")
@click.argument("policy", metavar="POLICY")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; others need a token."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any.")
@click.option("--token-file", type=click.Path(path_type=Path), help="Secret that clients have to show.")
@click.option(
    "--device", default="auto", show_default=True, help="Of the backbone: cpu, cuda, cuda:N or mps."
)
@click.option("--checkpoint", type=click.Path(path_type=Path), help="File of the backbone's weights.")
def command(
    policy: str, host: str, port: int, token_file: Path | None, device: str, checkpoint: Path | None
) -> None:
    """Let the computer at the robot ask POLICY (a finished run's folder, or a policy's) over the network.

    One robot at a time. Guard, cameras and clock stay at the robot: `robot run --policy remote:ws://HOST:PORT`.

    \b
    toto-bench robot serve RUN --device cuda
    """
    from toto_bench.cli.robot_station import loading_of
    from toto_bench.deploy.remote import serve
    from toto_bench.deploy.session.policies import find_policies
    from toto_bench.errors import RequestError
    from toto_bench.robots.policy import load_policy

    [found] = find_policies([policy])
    if found.folder is None:
        raise RequestError(f"`{policy}` is not a policy of this computer: give the folder of a run.")
    loading = loading_of(device, checkpoint, token_file)
    loaded = load_policy(found.folder, checkpoint=loading.checkpoint, device=loading.device)
    serve(
        loaded,
        host=host,
        port=port,
        token=loading.token,
        ready=lambda url: click.echo(
            f"Serving {found.name} ({(found.identity or '')[:12]}) at {url}; Ctrl-C ends."
        ),
    )
