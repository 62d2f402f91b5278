"""The service as a process of its own, as an operator starts it: on a free port of this machine,
its data in a folder, what it prints in a file."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import IO, Any

import httpx2

from service.foundation.settings import ROOT
from tests.rocks import rock_body

LAST_RESORT = 120.0
"""A machine that does nothing else starts the service in three seconds, a busy one in thirty."""
CREDENTIALS = "demo-credentials.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(
    *words: str, environment: dict[str, str], into: IO[str] | None = None, module: str = "service"
) -> "subprocess.Popen[str]":
    """`python -m service …` with this environment and nothing else of ours."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=into or subprocess.PIPE,
        stderr=into or subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]", within: float = LAST_RESORT) -> tuple[int, str]:
    """The exit code and what was printed to stderr; a process that goes on is killed and fails the
    test."""
    try:
        _, errors = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"still running after {within} s") from None
    return process.returncode, errors


class Server:
    """A running demo. `credentials` are read at the first moment that /readyz answered 200."""

    def __init__(self, home: Path, module: str = "service") -> None:
        self.module = module
        self.data_dir = home / "data"
        self.log_file = home / "log"
        self.database = self.data_dir / "demo.db"
        self.port = free_port()
        self.credentials: dict[str, str] = {}
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=LAST_RESORT, trust_env=False
        )
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def start(self) -> None:
        with self.log_file.open("a") as log:
            where = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
            self._process = command("run", environment=where, into=log, module=self.module)
        give_up = time.monotonic() + LAST_RESORT
        while not self._ready():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < give_up, self.log
            time.sleep(0.05)
        self.credentials = json.loads((self.data_dir / CREDENTIALS).read_text())

    def _ready(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=LAST_RESORT)
            self._process = None

    def close(self) -> None:
        self.kill()
        self.client.close()

    def ask(self, role: str, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.credentials[role]}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def codes(self, count: int) -> list[str]:
        pad = self.ask("outreach", "POST", "/v1/pickup-pads", json={"count": count})
        assert pad.status_code == 201, pad.text
        return [str(code) for code in pad.json()["codes"]]

    def submit(self, id: str, code: str, **facts: Any) -> httpx2.Response:
        return self.ask("outreach", "PUT", f"/v1/samples/{id}", json=rock_body(code, **facts))

    def status_of(self, id: str) -> int:
        return self.ask("outreach", "GET", f"/v1/samples/{id}").status_code

    def listed(self) -> list[str]:
        """The id of every sample that is held, page by page."""
        ids: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("outreach", "GET", "/v1/samples", params=cursor).json()
            ids += [sample["id"] for sample in page["samples"]]
            if page["next"] is None:
                return ids
            cursor = {"cursor": page["next"]}


def new_id() -> str:
    return str(uuid.uuid4())
