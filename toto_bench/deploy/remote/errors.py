"""What can go wrong between a robot and the computer that decides for it. Each of these ends a trial."""

from toto_bench.errors import RequestError, TotoBenchError


class RemoteError(TotoBenchError):
    """The remote policy cannot be asked. Nothing is repeated by itself; `connect` begins anew."""


class RemoteUnreachableError(RemoteError):
    """There is no policy server at this address, or it is shutting down."""


class RemoteBusyError(RemoteError):
    """The policy server has another client."""


class RemoteLostError(RemoteError):
    """The connection ended, or was given up after an earlier error."""


class RemoteTimeoutError(RemoteError):
    """There was no answer before the deadline; one that comes later is not looked at."""


class RemoteProtocolError(RemoteError):
    """What came is not what the protocol promises.

    Garbage, another version, an answer to another question, a wrong shape, a number that is not finite.
    """


class RemoteFailureError(RemoteError):
    """The server could not answer; the message is the server's."""


class RemoteMismatchError(RemoteError, RequestError):
    """The server's policy, backbone or preprocessing is not the one that was expected."""


class TokenError(RequestError):
    """The token is missing, wrong, or not kept secret."""
