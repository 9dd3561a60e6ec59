"""Policies as a command line names them: `[NAME=]SOURCE`, a finished run, a folder, or `remote:ws://HOST:PORT`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.weights import state_hash
from toto_bench.deploy.commands import expect_drivable
from toto_bench.deploy.remote import Acting, RemotePolicy
from toto_bench.deploy.remote.identity import identity_from
from toto_bench.deploy.runner.senses import expect_proprio
from toto_bench.deploy.session.facts import PolicyFacts
from toto_bench.deploy.session.policy_wrappers import ScriptedPolicy
from toto_bench.deploy.session.station import Station
from toto_bench.errors import RequestError
from toto_bench.files import digest
from toto_bench.results.folder import RECORD_FILE, read_record
from toto_bench.results.record import RunRecord
from toto_bench.robots.policy import PolicySpec, load_policy
from toto_bench.robots.policy.files import POLICY_FILE, read_policy

REMOTE = "remote:"
SCRIPTED = "scripted"
"""The script that knows the simulation, as a ceiling beside those that have to see."""
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][\w.:-]*)=(?P<source>.+)")
_PLACES = ("artifacts/policy", "artifacts/policy/camera", "policy", "")
"""Where a run keeps its policy."""


@dataclass(frozen=True)
class PolicySource:
    """A policy that was found, not yet loaded."""

    name: str
    """In plans and reports."""
    source: str
    """As it was given."""
    folder: Path | None
    """None for a remote one."""
    run: RunRecord | None
    """The run that trained it, where it is known."""
    spec: PolicySpec | None
    """None for a remote one that nobody described."""
    identity: str | None
    """Hash of spec and weights; None as for the spec."""


def find_policies(texts: Sequence[str], trained: Sequence[str] = ()) -> list[PolicySource]:
    """Find all policies, without loading a backbone or asking a server.

    Args:
        texts: `[NAME=]SOURCE` each; without a name that of the backbone.
        trained: `NAME=FOLDER`: the run that trained a remote policy.

    Raises:
        RequestError: one is not there, cannot drive this arm, or two have one name.
        PolicyFileError: its files are damaged.
    """
    runs = dict(_split(text, "--trained") for text in trained)
    found = [_find(text, runs) for text in texts]
    names = [policy.name for policy in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise RequestError(
            f"Two policies are called `{min(twice)}`: name them apart, as in `--policy first=FOLDER --policy "
            "second=FOLDER`."
        )
    if strangers := set(runs) - set(names):
        raise RequestError(f"`--trained {min(strangers)}=...`: there is no policy of that name.")
    return found


class Loading(NamedTuple):
    """What policies are loaded with."""

    device: str = "cpu"
    """Of their backbones."""
    checkpoint: Path | None = None
    """Of their backbones' weights, where they lie in a place of the user's own."""
    token: str | None = None
    """Of their servers."""


def load(policy: PolicySource, station: Station, loading: Loading) -> tuple[Acting, PolicyFacts]:
    """The policy itself, and what is kept about it.

    Args:
        policy: as found.
        station: where it will act; only the script looks at it.
        loading: how.

    Raises:
        RequestError: it cannot drive this arm, or its backbone's weights are not there.
        RemoteError: its server cannot be reached, or has another policy.
    """
    if policy.source == SCRIPTED:
        return _scripted(station)
    if policy.folder is None:
        url = policy.source.removeprefix(REMOTE)
        remote = RemotePolicy(url, token=loading.token, identity=policy.identity)
        _expect_usable(remote.spec)
        return remote, PolicyFacts(source=policy.source, identity=remote.identity, run=policy.run)
    assert policy.identity is not None
    local = load_policy(policy.folder, checkpoint=loading.checkpoint, device=loading.device)
    return local, PolicyFacts(source=policy.source, identity=policy.identity, run=policy.run)


def _scripted(station: Station) -> tuple[Acting, PolicyFacts]:
    if station.scene is None:
        raise RequestError(
            f"The policy `{SCRIPTED}` knows where a simulation has its cube; a real robot cannot run it."
        )
    speed = station.limits().speed_factor
    return ScriptedPolicy(station.scene, speed_factor=speed), PolicyFacts(
        source=SCRIPTED, identity=digest({"source": SCRIPTED, "speed_factor": speed})
    )


def _find(text: str, runs: dict[str, str]) -> PolicySource:
    name, source = _split(text, "--policy", named=False)
    if source.startswith(REMOTE):
        return _remote(name or source.removeprefix(REMOTE), source, runs)
    if source == SCRIPTED:
        return PolicySource(name or SCRIPTED, source, None, None, None, None)
    folder, run = _folder(Path(source))
    spec, identity = _read(folder)
    name = name or (spec.readout.backbone if spec.readout else folder.name)
    return PolicySource(name, source, folder, run, spec, identity)


def _remote(name: str, source: str, runs: dict[str, str]) -> PolicySource:
    if name not in runs:
        return PolicySource(name, source, None, None, None, None)
    folder, run = _folder(Path(runs[name]))
    return PolicySource(name, source, None, run, *_read(folder))


def _read(folder: Path) -> tuple[PolicySpec, str]:
    spec, head = read_policy(folder)
    _expect_usable(spec)
    return spec, identity_from(spec, state_hash(head))


def _expect_usable(spec: PolicySpec) -> None:
    expect_drivable(spec.action)
    expect_proprio(spec)


def _folder(given: Path) -> tuple[Path, RunRecord | None]:
    """Where the policy lies, and the record of the run that it lies in."""
    if not given.is_dir():
        raise RequestError(
            f"There is no policy at {given}: give the folder of a finished run of a robot task, or of a policy, or "
            f"`{REMOTE}ws://HOST:PORT`."
        )
    folder = next((given / place for place in _PLACES if (given / place / POLICY_FILE).is_file()), given)
    above = next(
        (path for path in (given, *given.absolute().parents[:3]) if (path / RECORD_FILE).is_file()), None
    )
    return folder, None if above is None else read_record(above / RECORD_FILE)


def _split(text: str, option: str, *, named: bool = True) -> tuple[str, str]:
    match = _NAMED.fullmatch(text)
    if match is not None and not Path(text).exists():
        return match["name"], match["source"]
    if named:
        raise RequestError(f"`{option} {text}` is not of the form `NAME=FOLDER`.")
    return "", text
