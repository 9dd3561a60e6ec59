"""A policy on another computer: `PolicyServer` where the GPU is, `RemotePolicy` where the robot is."""

from toto_bench.deploy.remote.client import RemotePolicy
from toto_bench.deploy.remote.errors import (
    RemoteBusyError,
    RemoteError,
    RemoteFailureError,
    RemoteLostError,
    RemoteMismatchError,
    RemoteProtocolError,
    RemoteTimeoutError,
    RemoteUnreachableError,
    TokenError,
)
from toto_bench.deploy.remote.identity import Acting, identity_of
from toto_bench.deploy.remote.link import RemoteTiming
from toto_bench.deploy.remote.secret import read_token
from toto_bench.deploy.remote.server import PolicyServer, serve

__all__ = [
    "Acting",
    "PolicyServer",
    "RemoteBusyError",
    "RemoteError",
    "RemoteFailureError",
    "RemoteLostError",
    "RemoteMismatchError",
    "RemotePolicy",
    "RemoteProtocolError",
    "RemoteTimeoutError",
    "RemoteTiming",
    "RemoteUnreachableError",
    "TokenError",
    "identity_of",
    "read_token",
    "serve",
]
