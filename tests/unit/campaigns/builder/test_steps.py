"""What each node does, in either dialect of the builder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from campaigns.sequences.sequence import AiOptions, StepKind

CONFIG = "nodes[0].data.config"


def compiled(drawing: Any, action: str, /, *, writer: Any = False, **config: Any) -> Any:
    """The one step of a drawing of one node; the drawing must be good."""
    compilation = drawing.node("n", action, **config).compile(writer_configured=writer)
    assert compilation.violations == ()
    return compilation.sequence.steps[0]


@pytest.mark.parametrize(
    ("action", "kind", "config"),
    [
        ("profile_visit", StepKind.PROFILE_VISIT, {}),
        ("like_post", StepKind.LIKE_POST, {}),
        ("comment_post", StepKind.COMMENT_POST, {"customComment": "x"}),
        ("send_connection_request", StepKind.SEND_CONNECTION_REQUEST, {}),
        ("send_invite", StepKind.SEND_CONNECTION_REQUEST, {"message": "x"}),
        ("send_followup", StepKind.SEND_FOLLOWUP, {"customMessage": "x"}),
        ("send_inmail", StepKind.SEND_INMAIL, {"customMessage": "x"}),
        ("withdraw_request", StepKind.WITHDRAW_REQUEST, {"tone": "professional"}),
        ("webhook", StepKind.WEBHOOK, {"webhookId": "w"}),
        ("notify_webhook", StepKind.WEBHOOK, {"integrationId": "w"}),
    ],
)
def test_kinds(drawing: Any, action: str, kind: StepKind, config: dict[str, Any]) -> None:
    """Every action of both vocabularies becomes its kind of step."""
    assert compiled(drawing, action, **config).kind is kind


@pytest.mark.parametrize(
    "config",
    [
        {"numberOfPosts": 3, "recentPostDays": 30},
        {"numberOfPosts": "3", "recentPostDays": "30"},
        {"postCount": 3, "recentPostWithin": 30},
        {"numberOfPosts": None, "postCount": 3.0, "recentPostWithin": " 30 "},
    ],
)
def test_posts(drawing: Any, config: dict[str, Any]) -> None:
    """How many posts, and how recent, in both dialects and as texts; it used to be ignored."""
    step = compiled(drawing, "like_post", **config)

    assert (step.posts, step.recent_within) == (3, timedelta(days=30))


def test_posts_by_default(drawing: Any) -> None:
    """Nulls are defaults."""
    step = compiled(drawing, "like_post", numberOfPosts=None, recentPostDays=None)

    assert (step.posts, step.recent_within) == (1, timedelta(days=7))


@pytest.mark.parametrize("value", [0, 11, -1, "many", 1.5, True, [], {}, 10**400, "9" * 5000])
def test_posts_out_of_range(drawing: Any, value: Any) -> None:
    """Counts are whole numbers that the builder offers."""
    drawing.node("n", "like_post", numberOfPosts=value)

    assert drawing.reasons() == [(f"{CONFIG}.numberOfPosts", "SETTING_INVALID")]


def test_days_out_of_range(drawing: Any) -> None:
    """The violation names the setting as the file spells it."""
    drawing.node("n", "like_post", recentPostWithin=366)

    assert drawing.reasons() == [(f"{CONFIG}.recentPostWithin", "SETTING_INVALID")]


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("comment_post", "customComment"),
        ("send_followup", "customMessage"),
        ("send_inmail", "customMessage"),
    ],
)
@pytest.mark.parametrize("blank", [None, "", " \n "])
def test_blank_texts(drawing: Any, action: str, field: str, blank: str | None) -> None:
    """Lesson 2: nobody is sent a default text; a blank one is refused."""
    drawing.node("n", action, **{field: blank})

    assert drawing.reasons() == [(f"{CONFIG}.{field}", "TEXT_MISSING")]


def test_blank_note(drawing: Any) -> None:
    """Lesson 2: an invitation without a text goes without a note, and that is said."""
    assert compiled(drawing, "send_connection_request").text == ""
    assert drawing.warned() == [(f"{CONFIG}.customMessage", "NOTE_OMITTED")]


@pytest.mark.parametrize(
    ("action", "field", "longest"),
    [
        ("send_connection_request", "customMessage", 300),
        ("comment_post", "customComment", 1250),
        ("send_followup", "customMessage", 8000),
        ("send_inmail", "customMessage", 1900),
    ],
)
def test_longest_texts(drawing: Any, action: str, field: str, longest: int) -> None:
    """A text that cannot fit, whoever it is for, is refused; one that just fits is not."""
    assert compiled(drawing, action, **{field: "x" * longest}).text == "x" * longest

    drawing.nodes[0]["data"]["config"][field] += "x"
    assert drawing.reasons() == [(f"{CONFIG}.{field}", "TEXT_TOO_LONG")]


def test_text_that_may_become_too_long(drawing: Any) -> None:
    """What depends on the lead is a warning."""
    text = "x" * 295 + " {{first_name}}"
    compiled(drawing, "send_connection_request", customMessage=text)

    assert drawing.warned() == [(f"{CONFIG}.customMessage", "TEXT_MAY_BE_TOO_LONG")]


@pytest.mark.parametrize("text", ["Hi {{}}", "Hi {{first_name", "Hi {first_name}", "Hi {{ | x }}"])
def test_hopeless_variables(drawing: Any, text: str) -> None:
    """Braces that name no variable are refused, for they would be sent as they are."""
    drawing.node("n", "send_followup", customMessage=text)

    assert drawing.reasons() == [(f"{CONFIG}.customMessage", "VARIABLE_UNKNOWN")]


def test_newlines_are_kept(drawing: Any) -> None:
    """Paragraphs used to be destroyed."""
    step = compiled(drawing, "send_followup", customMessage="Hello\n\nyou ")

    assert step.text == "Hello\n\nyou"


def test_stale_copy_is_ignored(drawing: Any) -> None:
    """The outer settings count, not the stale copy that older exports keep inside."""
    stale = {"useAI": True, "message": "old"}
    step = compiled(drawing, "send_invite", useAI=False, message="new", config=stale)

    assert (step.text, step.ai) == ("new", None)
    assert drawing.warned() == []


def test_settings_that_no_builder_knows(drawing: Any) -> None:
    """Nothing is ignored without being said."""
    compiled(drawing, "profile_visit", randomize=True)

    assert drawing.warned() == [(f"{CONFIG}.randomize", "SETTING_IGNORED")]


@pytest.mark.parametrize(
    ("action", "config", "ignored"),
    [
        ("profile_visit", {"customMessage": "Hello"}, "customMessage"),
        ("withdraw_request", {"smartFollowups": True}, "smartFollowups"),
        ("like_post", {"tone": "supportive"}, "tone"),
        ("comment_post", {"customComment": "x", "engageWithRecentActivity": True}, None),
        ("send_connection_request", {"customMessage": "x", "messageLength": "short"}, None),
        ("send_followup", {"customMessage": "x", "numberOfPosts": 3}, "numberOfPosts"),
        ("send_inmail", {"customMessage": "x", "aiWritingAssistant": True}, "aiWritingAssistant"),
        ("webhook", {"webhookId": "w", "customMessage": "Hello"}, "customMessage"),
    ],
)
def test_settings_of_other_nodes(
    drawing: Any, action: str, config: dict[str, Any], ignored: str | None
) -> None:
    """A setting that somebody chose and that this node does not heed is told by its path."""
    compiled(drawing, action, **config)

    name = ignored or [*config][-1]
    assert drawing.warned() == [(f"{CONFIG}.{name}", "SETTING_IGNORED")]


@pytest.mark.parametrize("action", ["profile_visit", "withdraw_request", "like_post", "webhook"])
def test_copied_defaults(drawing: Any, action: str) -> None:
    """The builder copies defaults into nodes that have no use for them; that is not told."""
    bag = {
        "smartFollowups": False,
        "aiWritingAssistant": False,
        "messageLength": "medium",
        "tone": "professional",
        "language": "english",
        "engageWithRecentActivity": False,
        "messagePurpose": "",
        "customMessage": None,
    }
    compiled(drawing, action, webhookId="w" if action == "webhook" else None, **bag)

    assert drawing.warned() == []


def test_style_of_a_text_that_nobody_writes(drawing: Any) -> None:
    """With the switch off, how the writer should have written is told to change nothing, once."""
    compiled(
        drawing,
        "send_followup",
        configureWithAI=False,
        customMessage="Hello",
        customGuidelines="Be brief.",
        messageLength="long",
        tone="professional",
    )

    warning = drawing.compile().warnings[0]
    assert (warning.field, warning.reason) == (f"{CONFIG}.configureWithAI", "SETTING_IGNORED")
    assert "customGuidelines, messageLength" in warning.description


def test_integrations_of_another_type(drawing: Any) -> None:
    """An integration that is no webhook would get a webhook's JSON; it is refused."""
    drawing.node("n", "notify_webhook", typeId="slack", targetUrl="https://h.example/x")

    assert drawing.reasons() == [(f"{CONFIG}.typeId", "SETTING_INVALID")]


@pytest.mark.parametrize("value", [5, ["x"], {"text": "x"}, True])
def test_texts_of_another_type(drawing: Any, value: Any) -> None:
    """A text is a text."""
    drawing.node("n", "send_followup", customMessage=value)

    assert (f"{CONFIG}.customMessage", "SETTING_INVALID") in drawing.reasons()


@pytest.mark.parametrize("value", ["perhaps", 2, [], {}])
def test_flags_of_another_type(drawing: Any, value: Any) -> None:
    """A flag is a yes or a no."""
    drawing.node("n", "send_followup", customMessage="x", smartFollowups=value)

    assert drawing.reasons() == [(f"{CONFIG}.smartFollowups", "SETTING_INVALID")]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"smartFollowups": True}, True),
        ({"smartFollowups": "false"}, False),
        ({"smartFollowups": 1}, True),
        ({"isFollowUp": False}, False),
        ({}, False),
    ],
)
def test_only_if_no_reply(drawing: Any, config: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    """A smart follow-up is sent only into silence, in both dialects."""
    step = compiled(drawing, "send_followup", customMessage="x", **config)

    assert step.only_if_no_reply is expected


def test_older_followups_are_smart(drawing: Any) -> None:
    """The older builder's default is a smart follow-up."""
    assert compiled(drawing, "send_followup", message="x").only_if_no_reply


def test_ai_in_the_older_dialect(drawing: Any) -> None:
    """Capitals, parentheses and the older names come out as the same options."""
    step = compiled(
        drawing,
        "comment_post",
        writer=True,
        useAI=True,
        language="English",
        length="short(1 sentence)",
        commentTone="Agreeable",
        customGuidelines="Be brief.",
        customComment="Well said.",
    )

    assert step.text == "Well said."
    assert step.ai == AiOptions(length="short", tone="agreeable", guidelines="Be brief.")


def test_ai_of_an_invitation(drawing: Any) -> None:
    """An invitation has a style of its own, with the builder's defaults."""
    step = compiled(
        drawing,
        "send_connection_request",
        writer=True,
        useAI="true",
        tone="Warm",
        intention="Sales",
        mentionPost=True,
    )

    assert (step.ai.tone, step.ai.mention_post) == ("warm", True)
    assert step.ai.style["intention"] == "sales"
    assert step.ai.style["callToAction"] == "confident"


def test_unusual_style(drawing: Any) -> None:
    """A style that the builder does not offer is passed on and said."""
    step = compiled(drawing, "send_followup", writer=True, configureWithAI=True, language="Italian")

    assert step.ai.language == "italian"
    assert drawing.warned(writer_configured=True) == [(f"{CONFIG}.language", "SETTING_UNUSUAL")]


@pytest.mark.parametrize(
    ("name", "value"), [("messageLength", "endless"), ("tone", 7), ("tone", "x" * 61)]
)
def test_impossible_style(drawing: Any, name: str, value: Any) -> None:
    """What the writer could not follow is refused."""
    drawing.node("n", "send_followup", configureWithAI=True, **{name: value})

    assert drawing.reasons(writer_configured=True) == [(f"{CONFIG}.{name}", "SETTING_INVALID")]


def test_no_writer_but_a_text(drawing: Any) -> None:
    """Without a writer the manual text goes, and that is said."""
    step = compiled(drawing, "send_followup", configureWithAI=True, customMessage="Hello")

    assert (step.text, step.ai) == ("Hello", None)
    assert drawing.warned() == [(f"{CONFIG}.configureWithAI", "AI_REPLACED_BY_TEXT")]


def test_no_writer_and_no_note(drawing: Any) -> None:
    """Without a writer and a text, an invitation goes without a note."""
    assert compiled(drawing, "send_connection_request", useAI=True).ai is None
    assert drawing.warned() == [(f"{CONFIG}.useAI", "NOTE_OMITTED")]


@pytest.mark.parametrize("action", ["comment_post", "send_followup", "send_inmail"])
def test_no_writer_and_no_text(drawing: Any, action: str) -> None:
    """Nothing to say is refused before the campaign starts."""
    drawing.node("n", action, configureWithAI=True)

    assert drawing.reasons() == [(f"{CONFIG}.configureWithAI", "WRITER_NOT_CONFIGURED")]
    assert drawing.reasons(writer_configured=True) == []


@pytest.mark.parametrize("action", ["follow_profile", "follow_company"])
def test_following(drawing: Any, action: str) -> None:
    """What the provider cannot do is said in words."""
    violation = drawing.node("n", action).compile().violations[0]

    assert violation.reason == "NODE_TYPE_UNSUPPORTED"
    assert "not possible" in violation.description


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        ("Hi {{ first_name | capitalize }}, hello", "VARIABLE_UNKNOWN", "capitalize"),
        ("[first_name|{{company}}]", "VARIABLE_UNKNOWN", "within a variable"),
        ("Hi %FIRSTNAME%, hello", "PLACEHOLDER_SUSPECTED", "{{first_name}}"),
        ("Hi _FN_, hello", "PLACEHOLDER_SUSPECTED", "{{first_name}}"),
        ("Hi [Your Name] here", "PLACEHOLDER_SUSPECTED", "[Your Name]"),
        ("Hi [frist_name], hello", "PLACEHOLDER_SUSPECTED", "{{first_name}}"),
        ("<p>Hi {{first_name}}", "PLACEHOLDER_SUSPECTED", "HTML"),
        ("Hi {{first_name|N/A}}", "PLACEHOLDER_SUSPECTED", "“N/A”"),
        ("undefined", "PLACEHOLDER_SUSPECTED", "“undefined”"),
    ],
)
def test_texts_that_are_asked_about(drawing: Any, text: str, reason: str, says: str) -> None:
    """What nobody would fill in is told where it stands before anything is sent."""
    (wrong,) = drawing.node("n", "send_followup", customMessage=text).compile().violations

    assert (wrong.field, wrong.reason) == (f"{CONFIG}.customMessage", reason)
    assert says in wrong.description


def test_texts_that_are_meant(drawing: Any) -> None:
    """What the customer confirms by name is sent as it stands; what they do not is asked about."""
    drawing.node("n", "send_followup", customMessage="[Northwind] and <b>you</b>")

    told = drawing.compile(literal={"[Northwind]", "<b>"}).violations

    assert [each.description for each in told] == [
        "“</b>” is HTML, which LinkedIn shows as it stands."
    ]
    assert drawing.sequence(literal={"[Northwind]", "<b>", "</b>"}).steps[0].text


def test_a_default_of_liquid(drawing: Any) -> None:
    """The fallback that most tools write is understood."""
    text = "Hi {{ first_name | default: 'there' }}, hello"

    assert drawing.node("n", "send_followup", customMessage=text).sequence().steps[0].text == text
