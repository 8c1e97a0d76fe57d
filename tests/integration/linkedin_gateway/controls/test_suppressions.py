"""Who must not be contacted is not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import (
    hold_pb2,
    hold_service_pb2,
    person_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from servicekit.errors import FailedPrecondition, InvalidArgument, NotFound


def named(**who: Any) -> suppression_service_pb2.AddSuppressionsRequest:
    return suppression_service_pb2.AddSuppressionsRequest(
        suppressions=[
            suppression_pb2.Suppression(organization_id="org_test", reason="Asked.", **who)
        ]
    )


async def pieces(*content: bytes, reason: str = "A list.") -> AsyncIterator[Any]:
    header = suppression_service_pb2.ImportSuppressionsHeader(
        organization_id="org_test", reason=reason
    )
    yield suppression_service_pb2.ImportSuppressionsRequest(header=header)
    for piece in content:
        yield suppression_service_pb2.ImportSuppressionsRequest(content=piece)


async def refused(house: Any, lead: str, **person: str) -> bool:
    request = house.request("visit_profile", lead)
    for name, value in person.items():
        setattr(request.person, name, value)
    try:
        await house.perform(request)
    except FailedPrecondition as told:
        return told.reason == "PERSON_SUPPRESSED"
    return False


@pytest.mark.parametrize(
    "who",
    [
        {"email_domain": "Example.com"},
        {"email_domain": "ada@example.com"},
        {"company": "EXAMPLE works, inc."},
        {"public_identifier": "Ada"},
    ],
)
async def test_each_way_to_be_meant(house: Any, who: dict[str, str]) -> None:
    """Domain, address, company and profile each stop their person, and nobody else."""
    await house.stubs.suppressions.AddSuppressions(named(**who))

    known = {"email": "ada@example.com", "company": "Example Works GmbH"}
    assert await refused(house, "ada", **known)
    assert not await refused(house, "bob", email="bob@example.org", company="Example")


async def test_nothing_readable_is_kept_of_a_person(house: Any) -> None:
    """Neither the database nor a list shows whose contact is forbidden."""
    await house.stubs.suppressions.AddSuppressions(named(public_identifier="ada-example"))
    await house.stubs.suppressions.AddSuppressions(named(email_domain="ada-example@example.com"))

    stored = await house.pool.fetch("SELECT row_to_json(s)::text AS row FROM suppressions s")
    listed = await house.stubs.suppressions.ListSuppressions(
        suppression_service_pb2.ListSuppressionsRequest(organization_id="org_test")
    )

    assert not any("ada-example" in row["row"] for row in stored)
    assert [(each.public_identifier, each.email_domain) for each in listed.suppressions] == [
        ("ad…", ""),
        ("", "ad…@example.com"),
    ]


@pytest.mark.parametrize(
    "who",
    [{}, {"public_identifier": "a", "company": "b"}, {"company": "..."}, {"email_domain": "x"}],
)
async def test_suppressions_that_mean_nobody(house: Any, who: dict[str, str]) -> None:
    """Exactly one of the three is named, and it names somebody."""
    with pytest.raises(InvalidArgument) as told:
        await house.stubs.suppressions.AddSuppressions(named(**who))

    assert told.value.reason == "INVALID_FIELDS"


async def test_import(house: Any) -> None:
    """A list in pieces: the good rows are in force when it returns, the bad ones are told."""
    content = b"linkedin_url;e-mail\nlinkedin.com/in/ada;\n;bob@example.com\n;nobody\n;\n"

    answer = await house.stubs.suppressions.ImportSuppressions(pieces(content[:20], content[20:]))
    again = await house.stubs.suppressions.ImportSuppressions(pieces(content))

    assert (answer.rows, answer.added, answer.rejected) == (3, 2, 1)
    assert [(error.line, error.description) for error in answer.row_errors] == [
        (4, "'nobody' is no e-mail address.")
    ]
    assert again.added == 0
    assert await refused(house, "ada")
    assert await refused(house, "bobby", email="BOB@example.com")
    assert not await refused(house, "eve")


async def test_import_of_no_table(house: Any) -> None:
    """A file that names nobody in any column adds nothing and says why."""
    with pytest.raises(InvalidArgument) as told:
        await house.stubs.suppressions.ImportSuppressions(pieces(b"name\nAda\n"))
    with pytest.raises(InvalidArgument) as headless:
        await house.stubs.suppressions.ImportSuppressions(
            pieces(b"email\na@example.com\n", reason="")
        )

    assert told.value.reason == "SUPPRESSION_LIST_UNREADABLE"
    assert headless.value.reason == "INVALID_FIELDS"


async def test_company_waits_for_what_is_on_the_wire(house: Any) -> None:
    """Forbidding a company returns only when nothing can be on its way there any more."""
    await house.fault(method="GET", route="/users/{identifier}", fault="latency", seconds=0.5)
    visit = asyncio.ensure_future(house.perform(house.request("visit_profile", "ada")))
    await house.until(lambda: house.gateway.attempts._tasks)

    await house.stubs.suppressions.AddSuppressions(named(company="Acme"))

    (written,) = house.writes("visit")
    assert written.status == 200
    await visit


async def test_expired_suppressions_bind_nobody(house: Any) -> None:
    """A suppression ends when it said it would."""
    request = named(company="Acme")
    request.suppressions[0].expire_time.FromSeconds(int(house.clock.now()) + 3600)
    await house.stubs.suppressions.AddSuppressions(request)

    before = await refused(house, "ada", company="Acme AG")
    house.clock.advance(3601)

    assert before
    assert not await refused(house, "ada", company="Acme AG")


async def test_what_would_bind_nobody_is_refused(house: Any) -> None:
    """A suppression that is over as it is made was answered as one in force."""
    over = int(house.clock.now())
    request = named(company="Acme")
    request.suppressions[0].expire_time.FromSeconds(over)
    header = suppression_service_pb2.ImportSuppressionsHeader(
        organization_id="org_test", reason="A list.", expire_time=Timestamp(seconds=over - 1)
    )
    messages = iter([suppression_service_pb2.ImportSuppressionsRequest(header=header)])

    with pytest.raises(InvalidArgument) as added:
        await house.stubs.suppressions.AddSuppressions(request)
    with pytest.raises(InvalidArgument) as imported:
        await house.stubs.suppressions.ImportSuppressions(messages)

    told = [(each.field, each.reason) for each in added.value.violations]
    assert told == [("suppressions[0].expire_time", "FIELD_INVALID")]
    assert [each.field for each in imported.value.violations] == ["header.expire_time"]


async def test_known_by_another_name(house: Any) -> None:
    """Who is asked for by an old name or an id is looked at first, and is who is suppressed."""
    await house.stubs.suppressions.AddSuppressions(named(public_identifier="ada"))

    for spelling in house.called("ada").values():
        assert await refused(house, spelling), spelling
    assert not house.writes("visit")


async def test_suppressed_by_id(house: Any) -> None:
    """Who is suppressed by an id is not invited by their name."""
    classic = house.called("ada")["classic"]
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=classic))

    assert await refused(house, "ada")


async def test_hold_changes_newest_first(house: Any) -> None:
    """Who put and lifted what is listed page by page, newest first, with the caller."""
    put = hold_service_pb2.PutHoldRequest(
        scope=hold_pb2.HOLD_SCOPE_KIND, subject_id="Invitation", reason="Careful."
    )
    await house.stubs.holds.PutHold(put)
    house.clock.advance(60)
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_KIND, subject_id="invitation")
    )

    first = await house.stubs.holds.ListHoldChanges(
        hold_service_pb2.ListHoldChangesRequest(page_size=1)
    )
    second = await house.stubs.holds.ListHoldChanges(
        hold_service_pb2.ListHoldChangesRequest(page_size=1, page_token=first.next_page_token)
    )

    changes = [*first.changes, *second.changes]
    assert [(each.lifted, each.reason, each.caller) for each in changes] == [
        (True, "", "anonymous"),
        (False, "Careful.", "anonymous"),
    ]
    assert all(
        (each.scope, each.subject_id) == (hold_pb2.HOLD_SCOPE_KIND, "invitation")
        for each in changes
    )
    assert not second.next_page_token


async def test_held_kinds_are_kinds(house: Any) -> None:
    """Only a kind of action that writes can be held by kind."""
    with pytest.raises(InvalidArgument):
        await house.stubs.holds.PutHold(
            hold_service_pb2.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_KIND, subject_id="lookup", reason="x"
            )
        )


@pytest.mark.parametrize(
    "spelling",
    [
        "https://www.linkedin.com/in/Ada?utm=1",
        "in/ada",
        "@ada",
        "\N{ZERO WIDTH SPACE}a\N{ZERO WIDTH JOINER}da",
        "linkedin.com/in/in/ada/",
    ],
)
async def test_every_spelling_is_understood(house: Any, spelling: str) -> None:
    """However somebody is written, they are who is suppressed."""
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=spelling))

    assert await refused(house, "ada")


@pytest.mark.parametrize(
    "spelling", ["https://www.linkedin.com/company/acme", "Ada Quill", "\N{ZERO WIDTH SPACE}", "@"]
)
async def test_nobody_is_not_suppressed(house: Any, spelling: str) -> None:
    """What names nobody is refused, and said why, instead of kept as somebody."""
    with pytest.raises(InvalidArgument) as told:
        await house.stubs.suppressions.AddSuppressions(named(public_identifier=spelling))

    assert told.value.reason == "INVALID_FIELDS"


async def test_no_hold_on_an_account_that_is_not_there(house: Any) -> None:
    """A hold that would stop nothing is refused, so that nobody relies on it."""
    with pytest.raises(NotFound) as told:
        await house.stubs.holds.PutHold(
            hold_service_pb2.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id="acct_nobody", reason="Careful."
            )
        )

    assert told.value.reason == "ACCOUNT_NOT_FOUND"


@pytest.mark.parametrize(
    "who",
    [
        {"email_domain": "Example.com"},
        {"email_domain": "ada@example.com"},
        {"company": "EXAMPLE works, inc."},
        {"public_identifier": "Ada"},
    ],
)
async def test_who_would_be_refused_is_found(house: Any, who: dict[str, str]) -> None:
    """Before anything is asked for: whoever is suppressed is found, and nobody else."""
    await house.stubs.suppressions.AddSuppressions(named(**who))
    people = [
        person_pb2.Person(public_identifier="bob", email="bob@example.org", company="Example"),
        person_pb2.Person(
            public_identifier="ada", email="ada@example.com", company="Example Works GmbH"
        ),
    ]
    request = suppression_service_pb2.FindSuppressedRequest(
        organization_id="org_test", people=people
    )

    found = await house.stubs.suppressions.FindSuppressed(request)

    assert list(found.suppressed) == [1]
    with pytest.raises(InvalidArgument):
        await house.stubs.suppressions.FindSuppressed(
            suppression_service_pb2.FindSuppressedRequest(organization_id="org_test")
        )


async def found(house: Any, *people: person_pb2.Person) -> list[int]:
    request = suppression_service_pb2.FindSuppressedRequest(
        organization_id="org_test", people=people
    )
    return list((await house.stubs.suppressions.FindSuppressed(request)).suppressed)


@pytest.mark.parametrize(
    "nobody",
    ["a", "x&y", "john-doe(ceo", "mario$", "pub", "", " ", "a b", "x/y", "q?x", "#", "a\tb\n"],
)
async def test_a_name_that_nobody_has_keeps_no_answer_from_others(house: Any, nobody: str) -> None:
    """Lists have them: whoever stands beside them is found all the same, and they by the rest."""
    await house.stubs.suppressions.AddSuppressions(named(public_identifier="ada"))
    await house.stubs.suppressions.AddSuppressions(named(email_domain="example.com"))
    called = person_pb2.Person(public_identifier=nobody)
    at_work = person_pb2.Person(public_identifier=nobody, email="x@example.com")

    assert await found(house, called, person_pb2.Person(public_identifier="ada"), at_work) == [1, 2]


SPELLINGS = ("name", "classic", "sales_navigator", "recruiter")


@pytest.mark.parametrize(
    "detail",
    [{"email": f"{'x' * 400}@example.org"}, {"email": "no\taddress"}, {"company": "x" * 900}],
)
async def test_a_detail_that_is_none_keeps_no_answer_from_others(
    house: Any, detail: dict[str, str]
) -> None:
    """Whatever a list has of them: they are found by the rest, and others by theirs."""
    await house.stubs.suppressions.AddSuppressions(named(public_identifier="ada"))
    ada = person_pb2.Person(public_identifier="ada", **detail)
    bob = person_pb2.Person(public_identifier="bob", **detail)

    assert await found(house, bob, ada) == [1]


@pytest.mark.parametrize("asked", SPELLINGS)
@pytest.mark.parametrize("suppressed", SPELLINGS)
async def test_who_is_suppressed_by_another_name_is_found(
    house: Any, suppressed: str, asked: str
) -> None:
    """Once profiles have shown who they are: a list knows one of their names, no matter which."""
    called = house.called("ada")
    for each in SPELLINGS:
        await house.resolve(called[each])
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=called[suppressed]))
    ada, bob = (person_pb2.Person(public_identifier=each) for each in (called[asked], "bob"))

    assert await found(house, bob, ada) == [1]


@pytest.mark.parametrize("known", ["before", "after"])
@pytest.mark.parametrize("suppressed", SPELLINGS)
async def test_an_id_forbids_contact_once_its_person_is_known(
    house: Any, suppressed: str, known: str
) -> None:
    """Whether they were known when they were suppressed or are looked at later, by any address."""
    called = house.called("ada")
    if known == "before":
        await house.resolve(called[suppressed])
        await house.resolve("ada")
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=called[suppressed]))
    if known == "after":
        await house.resolve(called[suppressed])

    for spelling in SPELLINGS:
        assert await refused(house, called[spelling]), spelling
    assert not house.writes("visit")
