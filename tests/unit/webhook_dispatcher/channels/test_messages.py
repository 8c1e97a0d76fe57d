"""What people read of events."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from devstack.event_catalogue.examples import example_of
from devstack.event_catalogue.types import CataloguedType, types
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.channels.messages import Messages
from webhook_dispatcher.channels.payload_forms import as_text

TYPES = {each.name: each for each in types()}
MESSAGES = Messages()
HOSTILE = (
    "<!channel> <https://evil.example|here> & @everyone\r\nBcc: x@example.com <script>1</script>"
    " [here](https://evil.example) ![](https://evil.example/pixel.png) [a][b] [b]: //evil.example"
)


def with_values(of: str, value: str) -> str:
    """An event whose every text of people is this."""
    event = example_of(TYPES[of])
    lead = event["data"]["lead"]
    for name in ("firstName", "lastName", "company"):
        lead[name] = value
    event["data"]["campaign"]["name"] = value
    if "reply" in event["data"]:
        event["data"]["reply"]["message"] = value
    return as_text(event)


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_every_type_is_said_in_words(of: CataloguedType) -> None:
    """Not by its name, and without what no template filled."""
    text = as_text(example_of(of))

    said = json.loads(MESSAGES.slack(text))["text"]
    mail = MESSAGES.mail(text)

    for each in (said, mail.subject, mail.text, mail.html):
        assert of.name not in each
        assert "None" not in each
        assert "{" not in each
    assert "\n" not in mail.subject


def test_a_reply() -> None:
    """Who, what and where, a line each."""
    said = json.loads(MESSAGES.slack(as_text(example_of(TYPES["reply.received"]))))

    assert said["text"].splitlines() == [
        "A reply: Zoë Example (Example Ltd)",
        "“Tell me more.”",
        "Campaign: Spring",
        "https://www.linkedin.com/in/zoe-example",
    ]


def test_what_people_wrote_wakes_nobody_and_links_nowhere() -> None:
    """Slack's own marks, and Discord's, are text there."""
    said = json.loads(MESSAGES.slack(with_values("reply.received", HOSTILE)))["text"]

    assert "<" not in said
    assert ">" not in said
    assert "&lt;!channel&gt;" in said
    assert "@everyone" not in said


@given(st.text(alphabet="[]()!: a", max_size=40) | st.just(HOSTILE))
def test_what_people_wrote_is_no_markdown(value: str) -> None:
    """Discord and Mattermost make a link or a picture of what follows a bracket at once."""
    said = json.loads(MESSAGES.slack(with_values("reply.received", value)))

    for following in "([:":
        assert f"]{following}" not in said["text"]
    assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)


class Tags(HTMLParser):
    """The elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        self.found.add(tag)


@given(st.text(max_size=80) | st.just(HOSTILE))
def test_whatever_stands_in_it_a_mail_is_one_mail(value: str) -> None:
    """No value adds a line to the subject, or an element to the page."""
    mail = MESSAGES.mail(with_values("reply.received", value))

    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert mail.subject.isprintable()
    assert Tags(mail.html).found <= {"html", "body", "p", "strong", "blockquote"}


def test_a_long_text_is_cut() -> None:
    """What is told is a line; the whole is where it was written."""
    said = json.loads(MESSAGES.slack(with_values("reply.received", "x" * 9_000)))["text"]

    assert len(said) < 3_000
    assert "…" in said
