"""Whoever drives a stack: a client of its operator."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from outreach_client.client import OutreachClient
from outreach_client.settings import Settings

from devstack.stack.certificates import CALLER, Certificates
from devstack.stack.services import Addresses


def operator(addresses: Addresses, certificates: Certificates, api_key: Path) -> OutreachClient:
    """A client whose calls wait for what is started again; an async context manager."""
    return OutreachClient(settings(addresses, certificates, api_key), wait_for_ready=True)


def settings(addresses: Addresses, certificates: Certificates, api_key: Path) -> Settings:
    """Where a stack is, and who calls there, whatever the environment says of another one."""
    return Settings(
        campaign_api_address=addresses.grpc("campaign-api"),
        gateway_address=addresses.grpc("linkedin-gateway"),
        dispatcher_address=addresses.grpc("webhook-dispatcher"),
        api_key_file=api_key,
        token=None,
        token_file=None,
        api_key=None,
        timeout=timedelta(seconds=30),
        **certificates.settings(CALLER),
    )
