"""Fetching repositories, from a server on this machine that answers as the hub does."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

from toto_bench.backbones.download import DownloadError
from toto_bench.backbones.hf import hub
from toto_bench.backbones.hf.hub import fetch_repository, wanted
from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError
from toto_bench.progress import Silent

COMMIT = "a" * 40


class _Hub(BaseHTTPRequestHandler):
    """Answers for one repository, `some/model`, with the files of a folder."""

    folder: Path
    status = 200
    headers_of_errors: dict[str, str]
    cut: str | None = None
    """The file of which half is sent."""
    asked: list[str]

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, *, body):
        self.asked.append(f"{self.command} {self.path}")
        if self.status != 200 or "some/model" not in self.path:
            status = self.status if self.status != 200 else 404
            headers = self.headers_of_errors if self.status != 200 else {"X-Error-Code": "RepoNotFound"}
            self._send(status, b"", headers, body=body)
        elif self.path.startswith("/api/models/some/model"):
            files = [
                {"rfilename": file.name, "size": file.stat().st_size}
                for file in sorted(self.folder.iterdir())
            ]
            content = {"id": "some/model", "sha": COMMIT, "siblings": files, "tags": [], "downloads": 0}
            self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"}, body=body)
        else:
            self._file(self.path.rsplit("/", 1)[-1], body=body)

    def _file(self, name, *, body):
        content = (self.folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if self.cut == name and body:
            content = content[: len(content) // 2]
        self._send(200, content, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}, body=body)

    def _send(self, status, content, headers, *, body):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


class _Heard(Silent):
    def __init__(self):
        self.total, self.steps = 0, 0

    def start(self, title, total):
        self.total += total

    def advance(self, steps=1):
        self.steps += steps


@pytest.fixture
def server(tmp_path, monkeypatch, write_official):
    """A hub on this machine, with a tiny ViT and files that nobody needs."""
    folder = tmp_path / "served"
    write_official(folder, "ViTModel")
    (folder / "README.md").write_text("read me")
    (folder / "code.py").write_text("raise SystemExit")
    (folder / "pytorch_model.bin").write_bytes(b"the same, in the older format")
    handler = type("Handler", (_Hub,), {"folder": folder, "asked": [], "headers_of_errors": {}})
    served = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{served.server_address[1]}"
    files = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", files)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield handler
    served.shutdown()
    served.server_close()


def test_configuration_and_one_set_of_tensors_are_fetched(server, tmp_path):
    folder = tmp_path / "org" / "name"
    fetch_repository("some/model", folder, Silent())
    assert sorted(file.name for file in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    for file in folder.iterdir():
        assert file.read_bytes() == (server.folder / file.name).read_bytes()
    assert not (folder.parent / ".name.part").exists()


def test_progress_is_told_in_megabytes(server, tmp_path):
    (server.folder / "model.safetensors").write_bytes(bytes(5_500_000))
    heard = _Heard()
    fetch_repository("some/model", tmp_path / "model", heard)
    assert heard.total == heard.steps == 5


def test_a_folder_that_is_there_is_left_alone(server, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    fetch_repository("some/model", folder, Silent())
    assert server.asked == []
    assert list(folder.iterdir()) == []


def test_a_repository_is_downloaded_and_runs(server, home):
    backbone = load_backbone("hf:some/model", download=True)
    assert backbone.info.architecture.startswith("hf:ViTModel ")
    assert (home / "weights" / "hf" / "some" / "model" / "config.json").is_file()


DOWNLOAD = """
from toto_bench.backbones.load import load_backbone
from toto_bench.errors import TotoBenchError
try:
    print(load_backbone("hf:some/model", download=True).info.depth)
except TotoBenchError as error:
    print(error)
"""


def _in_a_fresh_process(endpoint, **environment):
    """What the download says; this process has long imported all parts of the hub's client."""
    done = subprocess.run(
        [sys.executable, "-c", DOWNLOAD],
        env=os.environ
        | {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "no_proxy": "127.0.0.1"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_fresh_process_downloads(server):
    assert _in_a_fresh_process(constants.ENDPOINT) == "2\n"


def test_a_fresh_process_without_a_connection_says_so():
    assert "no connection to http://127.0.0.1:9" in _in_a_fresh_process("http://127.0.0.1:9")
    offline = _in_a_fresh_process("http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    assert "`HF_HUB_OFFLINE` is not set" in offline


def test_no_such_repository_is_one_paragraph(server, tmp_path):
    with pytest.raises(
        DownloadError, match="The hub shows no repository `other/model`: there is none, or it is private"
    ):
        fetch_repository("other/model", tmp_path / "model", Silent())
    assert not (tmp_path / "model").exists()


def test_a_gated_repository_is_one_paragraph(server, tmp_path):
    server.status, server.headers_of_errors = 403, {"X-Error-Code": "GatedRepo"}
    with pytest.raises(DownloadError, match=r"`some/model` is gated: .* agree to terms first"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_a_server_that_cannot_answer_is_one_paragraph(server, tmp_path):
    server.status = 418
    with pytest.raises(DownloadError, match="answers 418"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_a_file_that_comes_in_half_is_not_kept_as_whole(server, tmp_path):
    server.cut = "model.safetensors"
    folder = tmp_path / "model"
    with pytest.raises(DownloadError, match="What came is kept: repeat the command"):
        fetch_repository("some/model", folder, Silent())
    assert not folder.exists()
    server.cut = None
    fetch_repository("some/model", folder, Silent())
    assert (folder / "model.safetensors").read_bytes() == (server.folder / "model.safetensors").read_bytes()


def test_no_connection_is_one_paragraph(server, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"no connection to http://127\.0\.0\.1:9"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_offline_is_one_paragraph(server, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="`HF_HUB_OFFLINE` is not set"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_a_repository_without_weights_is_one_paragraph(server, tmp_path):
    for name in ("model.safetensors", "pytorch_model.bin"):
        (server.folder / name).unlink()
    with pytest.raises(DownloadError, match="nothing that transformers could load"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "installed", lambda _: False)
    with pytest.raises(RequestError, match=r"pip install 'toto-bench\[hf\]'"):
        fetch_repository("some/model", tmp_path / "model", Silent())


def test_safetensors_come_before_pickles_and_nothing_else_comes():
    both = ["config.json", "model.safetensors", "pytorch_model.bin", "training_args.bin", "tf_model.h5"]
    assert wanted(both) == ["config.json", "model.safetensors"]
    assert wanted(["config.json", "pytorch_model.bin", "optimizer.bin"]) == [
        "config.json",
        "pytorch_model.bin",
    ]
    pieces = ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    assert wanted([*pieces, "model.safetensors.index.json"]) == [*pieces, "model.safetensors.index.json"]
    assert wanted(["model.safetensors"]) == []
    assert wanted(["config.json", "onnx/model.safetensors"]) == []
