"""A client made from /openapi.json takes in a rock, reports an assay and reads the messages."""

import importlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import token_of
from tests.rocks import assay_body, rock_body

PACKAGE = "caillou_client"
# What the generator has no name for is bytes to it.
CONFIG = """
post_hooks: []
content_type_overrides:
  application/pdf: application/octet-stream
  application/zip: application/octet-stream
  audio/mpeg: application/octet-stream
  image/svg+xml: application/octet-stream
  image/png: application/octet-stream
"""


@pytest.fixture
def package(app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The generated package, importable."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(app.openapi()))
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    generated = subprocess.run(
        [
            Path(sys.executable).parent / "openapi-python-client",
            "generate",
            *("--path", document, "--config", config, "--meta", "none"),
            *("--output-path", tmp_path / PACKAGE, "--fail-on-warning"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield PACKAGE
    for loaded in [one for one in sys.modules if one.partition(".")[0] == PACKAGE]:
        del sys.modules[loaded]


class ToTheService(httpx.BaseTransport):
    """Hands each request to the service under test."""

    def __init__(self, service: TestClient) -> None:
        self.service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.service.request(
            request.method,
            str(request.url),
            content=request.read(),
            headers=dict(request.headers),
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_generated_client_walks_one_rock_through(package: str, anyone: TestClient) -> None:
    def endpoint(room: str, name: str) -> Any:
        return importlib.import_module(f"{package}.api.{room}.{name}")

    models = importlib.import_module(f"{package}.models")
    client_of = importlib.import_module(f"{package}.client").AuthenticatedClient

    def client(holder: str) -> Any:
        return client_of(
            base_url="https://caillou.example",
            token=token_of(holder),
            raise_on_unexpected_status=True,
            httpx_args={"transport": ToTheService(anyone)},
        )

    worker, lab = client("outreach"), client("lab")
    rock, assay = uuid.uuid4(), uuid.uuid4()

    pad = endpoint("intake", "post_pad").sync(client=worker, body=models.PadIn(count=1))
    (code,) = pad.codes

    sample = models.SampleIn.from_dict(rock_body(code))
    receipt = endpoint("intake", "put_sample").sync(rock, client=worker, body=sample)
    assert (receipt.id, receipt.outcome, receipt.revision) == (rock, "new", 1)

    answer = models.AssayIn.from_dict(assay_body(receipt.lab_label))
    reported = endpoint("lab", "put_assay").sync(assay, client=lab, body=answer)
    assert (reported.outcome, reported.version) == ("new", 1)

    said = endpoint("words", "get_messages").sync(rock, client=worker, lang=["en"])
    assert said.state == "answered"
    texts = {message.key: message.text["en"] for message in said.messages}
    assert "79\N{NO-BREAK SPACE}mg" in texts["result-amount"]
