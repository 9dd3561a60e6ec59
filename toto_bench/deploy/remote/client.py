"""The computer at the robot: asks a policy on another computer as it would ask its own."""

from types import TracebackType
from typing import Self

from toto_bench.deploy.remote.connecting import Greeting, connected, greeted
from toto_bench.deploy.remote.errors import RemoteError, RemoteMismatchError, RemoteProtocolError
from toto_bench.deploy.remote.identity import expect_spec
from toto_bench.deploy.remote.link import Link, RemoteTiming
from toto_bench.deploy.remote.questions import actions_of, arrays_of
from toto_bench.robots.policy import ActionChunk, Observation, PolicySpec

PERIODS = 3
"""Of the policy's rate: how long an answer may take unless said otherwise."""


class RemotePolicy:
    """Acts as the policy that a server has.

    Every question has a number and a deadline. After an error of the connection (no answer in time, garbage, the end of
    the server) it is given up, and every further question is refused until somebody calls `reconnect`: nothing is
    asked twice, and no late answer is taken for a new one.

    ```python
    with RemotePolicy("ws://gpu:8765", token=read_token(path)) as policy:
        chunk = policy.act(observation)
    ```
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        deadline: float | None = None,
        expected: PolicySpec | None = None,
        identity: str | None = None,
    ) -> None:
        """Connect, and check that both ends mean the same policy.

        Args:
            url: `ws://HOST:PORT`.
            token: that of the server.
            deadline: s that an answer may take; None: three periods of the policy.
            expected: the spec that the server's policy has to have; None: any.
            identity: what `identity` of the server's policy has to be; None: any.

        Raises:
            RequestError: the address is none, the token is wrong, or `websockets` is not installed.
            RemoteError: the server cannot be reached, has another client, another version, or another policy.
        """
        self._url, self._token, self._expected = url, token, expected
        self.timing: RemoteTiming | None = None
        """Of the last answer."""
        greeting = self._connect(identity)
        self.spec: PolicySpec = greeting.spec
        """Of the server's policy."""
        self.identity: str = greeting.identity
        """Digest of the server's policy, its weights included; stands in records."""
        self.server_version: str = greeting.version
        """toto-bench's there."""
        self.deadline: float = PERIODS / self.spec.rate_hz if deadline is None else deadline
        """s that an answer may take."""

    def reset(self) -> None:
        """Begin an episode.

        Raises:
            RemoteError: as `act`.
        """
        answer, _ = self._link.ask("reset", {}, self.deadline)
        if answer.kind != "done":
            wrong = f"The server answered `{answer.kind:.20}` to `reset`."
            raise self._link.give_up(RemoteProtocolError(wrong))

    def act(self, observation: Observation) -> ActionChunk:
        """What the policy on the server does next.

        Raises:
            ObservationError: a camera is missing, or a size, a length or a value is wrong; nothing was sent.
            RemoteTimeoutError: no answer before the deadline.
            RemoteLostError: the connection ended, or was given up before.
            RemoteProtocolError: the answer is to another question, or is not finite numbers of the right shape.
            RemoteFailureError: the policy failed there.
        """
        answer, self.timing = self._link.ask("act", arrays_of(self.spec, observation), self.deadline)
        try:
            actions = actions_of(self.spec, answer)
        except RemoteProtocolError as error:
            raise self._link.give_up(error) from error
        return ActionChunk(actions, self.spec.action.kind, 1 / self.spec.rate_hz, observation.time)

    def reconnect(self) -> None:
        """Connect anew, to the same policy as before. Only after a person asked for it.

        Raises:
            RequestError: the token is wrong now.
            RemoteError: as at the beginning; also if the server has another policy now.
        """
        self.close()
        self._connect(self.identity)

    def close(self) -> None:
        """Let go; may be called twice."""
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self, identity: str | None) -> Greeting:
        connection = connected(self._url, self._token)
        try:
            greeting = greeted(connection)
            if self._expected is not None:
                expect_spec(greeting.spec, self._expected)
            if identity is not None and greeting.identity != identity:
                raise RemoteMismatchError(
                    f"The server's policy is {greeting.identity[:16]}, not {identity[:16]}: it was trained or served "
                    "anew since. Serve the same policy, or make a new plan."
                )
        except RemoteError:
            connection.close()
            raise
        self._link = Link(connection, self._url)
        return greeting
