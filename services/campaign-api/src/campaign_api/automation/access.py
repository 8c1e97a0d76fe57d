"""Whose programs, runs and decisions a caller may see and change; by `servicekit.auth`."""

from collections.abc import Sequence

from automation.decisions.decision import Decision
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.errors import DecisionNotFound
from automation.errors import ProgramNotFound, RunNotFound
from automation.programs.program import Program, ProgramMode
from automation.programs.program_repository import ProgramRepository
from automation.runs.run import Run
from automation.runs.run_repository import RunRepository
from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import (
    CallerKind,
    PermissionMissing,
    current_caller,
    require_accounts,
    require_theirs,
    visible_accounts,
)
from servicekit.ids import has_prefix
from servicekit.telemetry import logs

MOST_CAMPAIGNS = 2_000
"""Of which programs are listed to who is limited to accounts: one query names them."""
CONTROL = "programs.control"
PEOPLE = "leads.read"


class ProgramAccess:
    """A program is of its campaign's accounts."""

    def __init__(
        self,
        programs: ProgramRepository,
        runs: RunRepository,
        decisions: DecisionRepository,
        campaigns: CampaignRepository,
    ) -> None:
        self._programs = programs
        self._runs = runs
        self._decisions = decisions
        self._campaigns = campaigns

    async def campaign(self, campaign_id: str, organization_id: str) -> Campaign:
        """The campaign that is to get a program.

        Raises `CampaignNotFound` if the organization has none that the caller may see, or
        it is deleted, and
        `AccountForbidden` if not all of its accounts are theirs.
        """
        if not has_prefix(campaign_id, "camp"):
            raise CampaignNotFound
        logs.bind(campaign_id=campaign_id)
        campaign = await self._campaigns.get(campaign_id)
        require_theirs(campaign.organization_id, CampaignNotFound, account_ids=campaign.account_ids)
        gone = campaign.deleted_at is not None or campaign.purged_at is not None
        if gone or campaign.organization_id != organization_id:
            raise CampaignNotFound
        require_accounts(campaign.account_ids)
        return campaign

    async def program(self, program_id: str) -> Program:
        """The program, also a deleted one.

        Raises `ProgramNotFound` if there is none that the caller may see, and `AccountForbidden`
        if the rpc changes it and not all accounts of its campaign are theirs.
        """
        if not has_prefix(program_id, "prog"):
            raise ProgramNotFound
        logs.bind(program_id=program_id)
        program = await self._programs.get(program_id)
        account_ids = await self._accounts(program)
        require_theirs(program.organization_id, ProgramNotFound, account_ids=account_ids)
        require_accounts(account_ids)
        return program

    async def run(self, run_id: str) -> Run:
        """The run; raises `RunNotFound`, and `AccountForbidden` as `program` does."""
        if not has_prefix(run_id, "run"):
            raise RunNotFound
        logs.bind(run_id=run_id)
        run = await self._runs.get(run_id)
        try:
            await self.program(run.program_id)
        except ProgramNotFound as error:
            raise RunNotFound from error
        return run

    async def decision(self, decision_id: str) -> Decision:
        """The decision; raises `DecisionNotFound`, and `AccountForbidden` as `program` does."""
        if not has_prefix(decision_id, "dec"):
            raise DecisionNotFound
        logs.bind(decision_id=decision_id)
        decision = await self._decisions.get(decision_id)
        try:
            await self.program(decision.program_id)
        except ProgramNotFound as error:
            raise DecisionNotFound from error
        return decision

    async def campaigns(self, organization_id: str) -> Sequence[str] | None:
        """The campaigns whose programs alone are the caller's to see, the newest; None: all."""
        account_ids = visible_accounts()
        if account_ids is None:
            return None
        return await self._campaigns.ids_of_accounts(
            organization_id, sorted(account_ids), limit=MOST_CAMPAIGNS
        )

    async def _accounts(self, program: Program) -> Sequence[str]:
        """Those of its campaign; none once that is gone: it is nobody's then who is limited."""
        try:
            return (await self._campaigns.get(program.campaign_id)).account_ids
        except CampaignNotFound:
            return ()


def require_control() -> None:
    """Raise `PermissionMissing` if the caller may not let a program act by itself."""
    if not _may(CONTROL):
        raise PermissionMissing(metadata={"permission": CONTROL})


def require_control_of(program: Program) -> None:
    """Raise `PermissionMissing` if the program acts by itself, and the caller may not let it."""
    if program.settings.mode is ProgramMode.AUTOPILOT:
        require_control()


def sees_people() -> bool:
    """Whether the caller may be told what is known of leads, by which they are ranked."""
    return _may(PEOPLE)


def _may(permission: str) -> bool:
    caller = current_caller()
    return caller.kind is CallerKind.ANYONE or permission in caller.permissions
