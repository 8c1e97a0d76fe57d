"""devstack.observability.programs."""

from pathlib import Path

import pytest
from devstack.observability.programs import find, how_to_get


def test_a_path_that_is_given_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has another Prometheus says where."""
    monkeypatch.setenv("PROMETHEUS", "/opt/prometheus")

    assert find("prometheus") == "/opt/prometheus"


def test_debians_name_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There the Alertmanager is called by another name than its project's."""
    program = tmp_path / "prometheus-alertmanager"
    program.touch(mode=0o755)
    monkeypatch.delenv("ALERTMANAGER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find("alertmanager") == str(program)
    assert find("promtool") is None


def test_it_is_said_how_to_get_them_all_at_once() -> None:
    """One command, each package once."""
    told = how_to_get(["prometheus", "promtool", "libfaketime"])

    assert "apt-get install faketime prometheus;" in told
    assert "LIBFAKETIME=path" in told
