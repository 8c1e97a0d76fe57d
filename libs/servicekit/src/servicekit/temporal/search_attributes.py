"""Search attributes of workflows: registered once, and used as soon as the namespace knows them.

A workflow that is started with an attribute which its namespace does not know is refused, so
whoever starts one asks `SearchAttributes.known` first: a deploy needs no order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from servicekit.telemetry import logs

NOT_OURS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}
"""What a managed namespace answers where something is not its users' to ask."""
_TIMEOUT = timedelta(seconds=10)

log = logs.get_logger(__name__)


async def register(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> bool:
    """Have the namespace know these attributes; repeating it changes nothing.

    False where that is not ours to do: a managed namespace registers them in its own way.
    Raises the client's `RPCError` if the server is away.
    """
    missing = {key.name: _type(key) for key in keys if key.name not in await registered(client)}
    if not missing:
        return True
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing),
            timeout=_TIMEOUT,
        )
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            return True
        if error.status not in NOT_OURS:
            raise
        log.warning("search_attributes_not_registered", missing=sorted(missing), why=error.message)
        return False
    log.info("search_attributes_registered", registered=sorted(missing))
    return True


class SearchAttributes:
    """Whether a namespace knows the attributes; asked again in a while until it does."""

    def __init__(
        self,
        keys: Sequence[SearchAttributeKey[Any]],
        *,
        ask_again_after: timedelta = timedelta(seconds=30),
    ) -> None:
        self._names = {key.name for key in keys}
        self._ask_again_after = ask_again_after.total_seconds()
        self._known = False
        self._asked_at = -self._ask_again_after

    async def known(self, client: Client) -> bool:
        """Whether all of them may be set; false as well while that cannot be found out."""
        if self._known or time.monotonic() - self._asked_at < self._ask_again_after:
            return self._known
        self._asked_at = time.monotonic()
        try:
            self._known = self._names <= await registered(client)
        except RPCError as error:
            log.warning("search_attributes_unknown", why=error.message)
        return self._known


async def registered(client: Client) -> set[str]:
    """The custom attributes that the namespace knows; raises the client's `RPCError`."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=_TIMEOUT
    )
    return set(answer.custom_attributes)


def _type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type.value)
