"""What checkov is told to skip has a reason, and is skipped in one place."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "deploy" / "checkov" / "config.yaml"


def test_what_is_skipped_has_a_reason() -> None:
    """Behind each check stands why it is not for these manifests."""
    skipped = yaml.safe_load(CONFIG.read_text())["skip-check"]
    reasons = dict(re.findall(r"^  - (CKV\w+)  # (.+)$", CONFIG.read_text(), re.MULTILINE))

    assert [*reasons] == skipped
    assert min(map(len, reasons.values())) > 30


def test_nothing_is_skipped_elsewhere() -> None:
    """An annotation in a manifest would hide what the list tells."""
    told = [
        path
        for path in (ROOT / "deploy").rglob("*")
        if path.is_file() and "checkov" in path.read_text(errors="ignore")
    ]

    assert {path.parent for path in told} <= {CONFIG.parent}
