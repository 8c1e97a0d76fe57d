"""outreach_worker.settings: what each kind of its processes must be given."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from outreach_worker.settings import Settings
from servicekit.settings import SettingsRefused, read

URL = "postgresql://me@db/outreach?sslmode=verify-full"
KEYS = {
    "OUTREACH_WORKER_AUTH_SIGNING_KEY_FILE",
    "OUTREACH_WORKER_TLS_CERTIFICATE_FILE",
    "OUTREACH_WORKER_TLS_KEY_FILE",
    "OUTREACH_WORKER_TLS_AUTHORITIES_FILE",
}
GIVEN = {
    "OUTREACH_WORKER_DATABASE_URL": URL,
    "OUTREACH_WORKER_SEALING_KEYS": "x" * 44,
    "OUTREACH_WORKER_SEALING_HASH_KEY": "x" * 44,
    "OUTREACH_WORKER_SHUTDOWN_GRACE": "80s",
    "TEMPORAL_TLS": "true",
}


def refused(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> set[str]:
    """The settings that stop a start outside of the sandbox."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    try:
        read(Settings, environ)
    except SettingsRefused as error:
        return {each.setting for each in error.refusals}
    return set()


@pytest.mark.parametrize(
    ("training", "needed"), [("nowhere", KEYS), ("elsewhere", KEYS), ("here", set())]
)
def test_who_fits_models_needs_no_key_of_the_services(
    monkeypatch: pytest.MonkeyPatch, training: str, needed: set[str]
) -> None:
    """It calls none of them: what could act as the worker is given to who works on leads."""
    assert refused(monkeypatch, GIVEN | {"OUTREACH_WORKER_TRAINING": training}) == needed


def test_half_a_certificate_is_refused_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who is given a certificate without its key was meant to have both."""
    (tmp_path / "cert").write_text("x")
    given = {
        "OUTREACH_WORKER_TRAINING": "here",
        "OUTREACH_WORKER_TLS_CERTIFICATE_FILE": str(tmp_path / "cert"),
    }

    assert refused(monkeypatch, GIVEN | given) == {
        "OUTREACH_WORKER_TLS_KEY_FILE",
        "OUTREACH_WORKER_TLS_AUTHORITIES_FILE",
    }


@pytest.mark.parametrize(
    ("training", "name"),
    [
        ("nowhere", "outreach-worker"),
        ("elsewhere", "outreach-worker"),
        ("here", "outreach-worker-training"),
    ],
)
def test_a_process_that_fits_models_is_not_taken_for_a_worker(training: str, name: str) -> None:
    """Alerts hear of workers that are gone by their name."""
    settings = Settings.model_validate({"database_url": URL, "training": training})

    assert settings.process_name == name
