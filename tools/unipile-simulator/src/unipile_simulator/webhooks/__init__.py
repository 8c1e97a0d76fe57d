"""Webhooks: who registered which, and each attempt to deliver one."""
