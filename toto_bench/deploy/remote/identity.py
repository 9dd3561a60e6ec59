"""Which policy a server has, so that a trial is never run with another one."""

from typing import Any, Protocol

from toto_bench.backbones.weights import state_hash
from toto_bench.deploy.remote.errors import RemoteMismatchError
from toto_bench.files import digest
from toto_bench.robots.policy import ActionChunk, Observation, Policy, PolicySpec


class Acting(Protocol):
    """What a server serves and a runner asks: a `Policy`, or anything that answers as one."""

    spec: PolicySpec

    def reset(self) -> None:
        """Begin an episode."""
        ...

    def act(self, observation: Observation) -> ActionChunk:
        """What to do next."""
        ...


def spec_digest(spec: PolicySpec) -> str:
    """Of everything in the spec: cameras, readout (backbone, weights, preprocessing), numbers and their order."""
    return digest(spec.model_dump(mode="json"))


def identity_of(policy: Acting) -> str:
    """Digest of the spec and of the head's weights; stands in records of trials."""
    head = state_hash(policy.head) if isinstance(policy, Policy) else type(policy).__name__
    return identity_from(policy.spec, head)


def identity_from(spec: PolicySpec, head: str) -> str:
    """The same, of a policy that is not built: its spec, and the hash of its head's weights."""
    return digest({"spec": spec_digest(spec), "head": head})


def expect_spec(found: PolicySpec, expected: PolicySpec) -> None:
    """Refuse a policy that sees or does something else.

    Raises:
        RemoteMismatchError: names what differs, the backbone and its preprocessing first of all.
    """
    theirs, ours = _flat(found.model_dump(mode="json")), _flat(expected.model_dump(mode="json"))
    differing = [key for key in sorted(theirs.keys() | ours.keys()) if theirs.get(key) != ours.get(key)]
    if differing:
        differing.sort(key=lambda key: not key.startswith("readout"))
        few = "; ".join(
            f"`{key}` is {_short(theirs.get(key))} instead of {_short(ours.get(key))}"
            for key in differing[:4]
        )
        more = f"; and {len(differing) - 4} more" if len(differing) > 4 else ""
        raise RemoteMismatchError(
            f"The server has another policy than the one expected: {few}{more}. Serve the policy of the plan, "
            "or make a plan for this one."
        )


def _flat(content: Any, place: str = "") -> dict[str, Any]:
    if not isinstance(content, dict):
        return {place: content}
    items = [_flat(value, f"{place}.{key}" if place else str(key)) for key, value in content.items()]
    return {key: value for item in items for key, value in item.items()}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
