"""A policy as files: `policy.json`, and the head's weights as safetensors beside it, named by their hash."""

import hashlib
from pathlib import Path

from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from toto_bench.backbones.weights import check_finite, put_weights
from toto_bench.cards.base import Strict
from toto_bench.errors import RequestError, WeightsError
from toto_bench.files import write_bytes, write_json
from toto_bench.robots.policy.errors import PolicyFileError
from toto_bench.robots.policy.head import PolicyHead
from toto_bench.robots.policy.spec import PolicySpec

POLICY_FILE = "policy.json"
_HEADS = "head-{}.safetensors"
_WAY_OUT = "Take another copy of the whole folder, or train the policy again."


class _Saved(Strict):
    """The content of `policy.json`."""

    spec: PolicySpec
    head: str = Field(pattern="^[0-9a-f]{64}$")
    """sha256 of the file with the head's weights."""


def save_policy(folder: Path, spec: PolicySpec, head: PolicyHead) -> None:
    """Write the files; `policy.json` comes last, so that a kill leaves the older policy or the new one, whole.

    Raises:
        InvalidWeightsError: the head's weights are not finite.
        DiskError: the operating system refused.
    """
    state = {name: value.detach().cpu().contiguous() for name, value in head.state_dict().items()}
    check_finite(state, "The head of the policy")
    content = save(state)
    digest = hashlib.sha256(content).hexdigest()
    kept = folder / _HEADS.format(digest[:16])
    write_bytes(kept, content)
    write_json(folder / POLICY_FILE, _Saved(spec=spec, head=digest).model_dump(mode="json"))
    for older in folder.glob(_HEADS.format("*")):
        if older != kept:
            older.unlink(missing_ok=True)


def read_policy(folder: Path) -> tuple[PolicySpec, PolicyHead]:
    """The spec and the head that `save_policy` wrote.

    Raises:
        RequestError: there is no policy in the folder.
        PolicyFileError: a file is damaged, not a policy's, or does not belong to the other.
    """
    path = folder / POLICY_FILE
    if not path.is_file():
        raise RequestError(
            f"{folder} holds no policy (there is no `{POLICY_FILE}`): give the folder that a run of a robot task wrote."
        )
    try:
        saved = _Saved.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise PolicyFileError(
            f"{path} is damaged, or not a policy's: {_reason(error)}. {_WAY_OUT}"
        ) from error
    head = PolicyHead(saved.spec)
    weights = folder / _HEADS.format(saved.head[:16])
    try:
        content = weights.read_bytes()
        if hashlib.sha256(content).hexdigest() != saved.head:
            raise PolicyFileError(
                f"{weights} is damaged: its sha256 is not the one in `{POLICY_FILE}`. {_WAY_OUT}"
            )
        put_weights(load(content), head, str(weights))
    except (OSError, SafetensorError, WeightsError) as error:
        raise PolicyFileError(f"{weights} cannot be read: {_reason(error)}. {_WAY_OUT}") from error
    return saved.spec, head.eval()


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{f'`{place}`: ' if place else ''}{first['msg']}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).rstrip(".")
