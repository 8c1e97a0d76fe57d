"""What the gateway talks about: accounts, actions, people. Frozen values, hardly any behaviour."""

from linkedin_gateway.models.account import DOWN, Account, AccountState, Tier
from linkedin_gateway.models.action import (
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    Effect,
    Outcome,
    OwnerMessages,
    Target,
)
from linkedin_gateway.models.cap import DAY, HOUR, MONTH, WEEK, WINDOWS, Cap
from linkedin_gateway.models.hold import Hold, HoldChange, HoldScope, OnTheWire
from linkedin_gateway.models.kind import Kind
from linkedin_gateway.models.person import (
    EnrolmentPolicy,
    InvitationScope,
    Invited,
    Person,
    Profile,
    ProfileWords,
    SentInvitation,
    is_provider_id,
    person_key,
)
from linkedin_gateway.models.product import Product
from linkedin_gateway.models.suppression import (
    AskedPerson,
    ListedSuppression,
    SuppressedPerson,
    Suppression,
    SuppressionCoverage,
)
from linkedin_gateway.models.texts import clean_text, text_hash
from linkedin_gateway.models.working_hours import WorkingHours

__all__ = [
    "DAY",
    "DOWN",
    "HOUR",
    "MONTH",
    "WEEK",
    "WINDOWS",
    "Account",
    "AccountState",
    "Action",
    "ActionKey",
    "ActionRequest",
    "ActionState",
    "AskedPerson",
    "Cap",
    "Effect",
    "EnrolmentPolicy",
    "Hold",
    "HoldChange",
    "HoldScope",
    "InvitationScope",
    "Invited",
    "Kind",
    "ListedSuppression",
    "OnTheWire",
    "Outcome",
    "OwnerMessages",
    "Person",
    "Product",
    "Profile",
    "ProfileWords",
    "SentInvitation",
    "SuppressedPerson",
    "Suppression",
    "SuppressionCoverage",
    "Target",
    "Tier",
    "WorkingHours",
    "clean_text",
    "is_provider_id",
    "person_key",
    "text_hash",
]
