"""What the builder exported, as steps with their endpoints."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace

from campaigns.builder.compiler import Compilation, compile_sequence, with_endpoints
from campaigns.models import Campaign
from campaigns.sequences.diagnostics import SequenceWarning
from campaigns.sequences.sequence import Sequence as StepSequence

from campaign_api.commands.sequence_webhooks import SequenceWebhooks
from campaign_api.errors import InvalidFields, sequence_violations


class SequenceCompiler:
    """Says what is wrong with sequences, and compiles those that can run."""

    def __init__(self, webhooks: SequenceWebhooks, *, writer_configured: bool) -> None:
        self._webhooks = webhooks
        self._writer_configured = writer_configured

    async def compile(self, sequence_json: str, *, literal: Collection[str]) -> Compilation:
        """The steps, or what is wrong with them; webhooks are not looked up.

        `literal` is what in the texts looks like a placeholder and is meant as it stands.
        """
        # A drawing of thousands of nodes takes a while; other calls go on meanwhile.
        return await asyncio.to_thread(
            compile_sequence,
            sequence_json,
            writer_configured=self._writer_configured,
            literal=literal,
        )

    async def validate(
        self, organization_id: str, sequence_json: str, *, literal: Collection[str]
    ) -> Compilation:
        """Compile a sequence without keeping it; nothing is created."""
        compilation = await self.compile(sequence_json, literal=literal)
        webhooks = await self._webhooks.resolve(organization_id, compilation.webhooks)
        violations = (*compilation.violations, *webhooks.violations)
        return replace(
            compilation,
            sequence=None if violations else compilation.sequence,
            violations=violations,
            warnings=(*compilation.warnings, *webhooks.warnings),
        )

    async def compile_for(
        self,
        campaign: Campaign,
        sequence_json: str,
        *,
        literal: Collection[str],
        keeping: bool = True,
    ) -> tuple[StepSequence, Sequence[SequenceWarning]]:
        """Compile another sequence for a campaign.

        Only one that is to be kept registers endpoints for addresses nobody knows
        yet. Raises `InvalidFields` if the sequence cannot run.
        """
        compilation = await self.validate(campaign.organization_id, sequence_json, literal=literal)
        if compilation.violations or compilation.sequence is None:
            raise InvalidFields(sequence_violations(compilation.violations))
        if not keeping:
            return compilation.sequence, compilation.warnings
        webhooks = await self._webhooks.resolve(campaign.organization_id, compilation.webhooks)
        endpoints = await self._webhooks.register(
            campaign.organization_id, webhooks, request_id=f"revision/{campaign.id}"
        )
        return with_endpoints(compilation.sequence, endpoints), compilation.warnings
