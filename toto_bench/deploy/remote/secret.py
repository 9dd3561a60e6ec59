"""The secret that a client shows to a policy server."""

import hmac
import ipaddress
import os
import re
import stat
from pathlib import Path

from toto_bench.deploy.remote.errors import TokenError

VARIABLE = "TOTO_BENCH_ROBOT_TOKEN"
"""Environment variable that may hold the token; an argument would show in the list of processes."""
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,256}")
_HOW = (
    "Make one with `(umask 077; python -c 'import secrets; print(secrets.token_urlsafe(32))' > robot-token)`, copy the "
    f"file to the other computer, and give it with `--token-file`; or set {VARIABLE} on both."
)


def read_token(file: Path | None = None) -> str | None:
    """The token of a file, else of the environment, else None.

    Raises:
        TokenError: the file is not there, others may read it, or what it holds is no token.
    """
    if file is None:
        found = os.environ.get(VARIABLE)
        return None if found is None else _checked(found, f"the variable {VARIABLE}")
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise TokenError(f"Others may read the token in {file}: `chmod 600 {file}`.")
        return _checked(file.read_text(encoding="ascii", errors="replace"), str(file))
    except OSError as error:
        raise TokenError(f"The token in {file} cannot be read: {error.strerror}. {_HOW}") from error


def same_token(shown: str | None, expected: str) -> bool:
    """Whether an `Authorization` header shows the token; takes as long for every wrong one of this length."""
    return hmac.compare_digest((shown or "").encode(), f"Bearer {expected}".encode())


def expect_guarded(host: str, token: str | None) -> None:
    """Refuse to be reached from other computers without a token.

    Raises:
        TokenError: there is none, and the address is not this computer's own.
    """
    if token is None and not _is_loopback(host):
        raise TokenError(f"Whoever reaches {host} could ask this policy: a token is needed. {_HOW}")


def _checked(content: str, where: str) -> str:
    token = content.strip()
    if not _TOKEN.fullmatch(token):
        raise TokenError(f"What {where} holds is no token (16 to 256 letters and digits). {_HOW}")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
