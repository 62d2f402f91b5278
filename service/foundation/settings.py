"""What the operator decides, read from the environment once, at start.

A setting without a default has none on purpose: guessing it could cost somebody their answer or
their anonymity, so the service refuses to start and names it.
"""

import base64
import os
import secrets
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parents[2]
KEY_BYTES = 32


def _key(secret: SecretStr) -> SecretStr:
    """The setting, if it is a key of the right length. Raises ValueError."""
    try:
        raw = base64.urlsafe_b64decode(secret.get_secret_value())
    except ValueError:
        raw = b""

    if len(raw) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} random bytes in URL-safe base64")
    return secret


def _zone(name: str) -> str:
    """The setting, if there is such a time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone of the IANA database") from None
    return name


class Settings(BaseSettings):
    """One installation: one network of sites."""

    model_config = SettingsConfigDict(frozen=True)

    pickup_key: Annotated[SecretStr, AfterValidator(_key)]
    """Finds and seals pickup codes; lives outside the database.

    Losing it makes every card unreadable.
    """

    words_policy: Literal["marked", "approved"]
    """marked: drafts are shown, marked, beside the French. approved: only approved texts are."""

    public_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")]
    """Where a person's phone reaches this service, without a final slash.

    Printed in every card's square code.
    """

    host: str = "0.0.0.0"  # noqa: S104  a container's own network
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    data_dir: Path = Path("data")
    database_url: str = ""
    """sqlite:///path or postgresql://…; empty means the embedded database in data_dir."""
    trusted_proxies: str = ""
    """Addresses whose X-Forwarded-For is believed, comma-separated."""
    code_months: Annotated[int, Field(ge=1, le=120)] = 12
    recent_days: Annotated[int, Field(ge=1, le=3650)] = 90
    disclosure_threshold: Annotated[int, Field(ge=5, le=50)] = 5
    """No cell of fewer rocks leaves the network: see observatory/disclosure.py."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    laboratory: Annotated[str, Field(min_length=1, max_length=120)] = "laboratory"
    """Who analysed what an imported file reports, where the upload does not say."""
    demo: ClassVar[bool] = False

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'caillou.db').absolute()}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def pickup_secret(self) -> bytes:
        return base64.urlsafe_b64decode(self.pickup_key.get_secret_value())


class DemoSettings(Settings):
    """Demo mode: this machine only, drafts marked, a key of its own kept beside the database."""

    demo: ClassVar[bool] = True

    @property
    def database(self) -> str:
        """A file of the demo's own.

        Its open credentials never reach a database that is served for real.
        """
        return f"sqlite:///{(self.data_dir / 'demo.db').absolute()}"

    @classmethod
    def on_this_machine(cls) -> Self:
        port = os.environ.get("PORT", "8000")
        return cls(
            pickup_key=SecretStr(demo_key(Path(os.environ.get("DATA_DIR", "data")))),
            words_policy="marked",
            public_url=f"http://127.0.0.1:{port}",
            host="127.0.0.1",
        )


def demo_key(data_dir: Path) -> str:
    """The demo's pickup key: made at its first start, kept for the next."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "demo-pickup-key"

    if not path.exists():
        key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))
        write_private(path, key.decode())
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)

    draft.replace(path)
