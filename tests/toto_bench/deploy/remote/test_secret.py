"""Tokens: where they come from, and when one is needed."""

from pathlib import Path

import pytest

from toto_bench.deploy.remote.errors import TokenError
from toto_bench.deploy.remote.secret import VARIABLE, expect_guarded, read_token, same_token

TOKEN = "abcdefghijklmnop-0123456789"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


def test_of_a_file_or_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_token() is None
    assert read_token(file) == TOKEN
    monkeypatch.setenv(VARIABLE, TOKEN[::-1])
    assert read_token() == TOKEN[::-1]
    assert read_token(file) == TOKEN, "a file goes first"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(TokenError, match="chmod 600") as caught:
        read_token(file)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("content", ["", "short", "with a space in its middle", "x" * 300, "line\nbreak" * 4])
def test_what_is_no_token(file: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    file.write_text(content)
    with pytest.raises(TokenError, match="no token"):
        read_token(file)
    monkeypatch.setenv(VARIABLE, content)
    with pytest.raises(TokenError, match=VARIABLE):
        read_token()


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(TokenError, match="No such file"):
        read_token(tmp_path / "none")


def test_comparison() -> None:
    assert same_token(f"Bearer {TOKEN}", TOKEN)
    for wrong in (None, "", TOKEN, f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", f"Bearer {TOKEN} ", "Bearer é"):
        assert not same_token(wrong, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "::1", "localhost"])
def test_this_computer_alone_needs_none(host: str) -> None:
    expect_guarded(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.4", "gpu.local"])
def test_other_computers_need_one(host: str) -> None:
    with pytest.raises(TokenError, match="a token is needed"):
        expect_guarded(host, None)
    expect_guarded(host, TOKEN)
