"""The page shows the report's figures, and whatever is put into it is text."""

import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from automation.outcomes.intervals import share
from automation.reports.charts import Row, chart
from automation.reports.counting import report_of
from automation.reports.page import Pages
from automation.reports.report import FaultLine, Report
from markdown_it import MarkdownIt

from tests.unit.automation.reports.worlds import NOW, contacts, records, subject

VOID = {"meta", "br", "link", "img", "input"}


class Tree(HTMLParser):
    """Whether every element is closed where it was opened, and which there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def report() -> Report:
    return report_of(subject(), records(*contacts(days=35, a_day=10, accepted=0.3)), now=NOW)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages()


def test_the_page_is_whole_and_asks_nobody(pages: Pages, report: Report) -> None:
    """Every element is closed; no script, no address, no handler of events."""
    page = pages.html(report, title="Autumn")
    tree = Tree()
    tree.feed(page)

    assert tree.open == []
    assert not tree.seen & {"script", "img", "link", "iframe", "form"}
    assert not {name for name in tree.attributes if name.startswith("on")}
    assert not re.search(r"https?://|url\(|@import", page)


def test_its_charts_are_drawings(pages: Pages, report: Report) -> None:
    """Each is XML, has its title for who cannot see it, and nothing lies outside of it."""
    drawings = re.findall(r"<svg.*?</svg>", pages.html(report, title="Autumn"), re.DOTALL)

    assert len(drawings) == 3
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.get("aria-label")
        _, _, width, height = map(float, root.get("viewBox", "").split())
        for bar in root.iter("rect"):
            x, y = float(bar.get("x", "")), float(bar.get("y", ""))
            assert 0 <= x + float(bar.get("width", "")) <= width
            assert 0 <= y + float(bar.get("height", "")) <= height


def test_both_forms_have_the_six_numbers(pages: Pages, report: Report) -> None:
    """With what each is of."""
    page, text = pages.html(report, title="Autumn"), pages.markdown(report, title="Autumn")

    accepted = report.headline.accepted
    told = f"({accepted.count}\u00a0of\u00a0{accepted.of})"
    for form in (page, text):
        assert told in form
        assert "105\u00a0of\u00a0140" in form
        assert "replies have no labels" in form


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title><svg onload=alert(1)>",
        "{{ report.organization_id }}",
        "one\r\nSubject: two",
    ],
)
def test_a_name_is_text(pages: Pages, report: Report, name: str) -> None:
    """Whatever a campaign is called, the page has no other elements and Markdown no other lines."""
    tree = Tree()
    tree.feed(pages.html(report, title=name))

    assert tree.open == []
    assert not tree.seen & {"script", "img"}
    assert not {each for each in tree.attributes if each.startswith("on")}
    assert "org_1" not in pages.html(report, title=name)
    heading = pages.markdown(report, title=name).splitlines()[0]
    assert heading.startswith("# ")
    assert len(pages.markdown(report, title=name).splitlines()) == (
        len(pages.markdown(report, title="Autumn").splitlines())
    )


NAMES = [
    "[a](//b)",
    "![x](y)",
    "<!channel>",
    "<https://a.example|b>",
    "@everyone",
    "&commat;everyone",
    "&#64;here",
    "&lt;!here&gt;",
    "www.example.com",
    "mailto:a@example.com",
    "# big",
    "`a`",
    "*a* _b_ ~~c~~ AT&T 1.5",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_markup_where_markdown_is_read(pages: Pages, report: Report, name: str) -> None:
    """It makes no link, picture or heading, and wakes nobody, however it is written."""
    heading = pages.markdown(report, title=name).splitlines()[0]
    read = MarkdownIt("commonmark").render(heading)

    told = html.unescape(read.removeprefix("<h1>").removesuffix("</h1>\n"))
    assert told.replace("\u200b", "") == name
    assert not re.search(r"@\w|:\S|www\.\w", told.replace("\u200b", " "))
    assert not re.search(r"(?<!\\)[\[\]<>!`#*_~|]", heading.removeprefix("# "))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_markup_of_slack(pages: Pages, report: Report, name: str) -> None:
    """Which knows three entities, and no backslash."""
    heading = pages.slack(report, title=name).splitlines()[0]
    told = heading.removeprefix("*").removesuffix("*")

    assert not re.search(r"[<>\\]|&(?!amp;|lt;|gt;)", told)
    assert not re.search(r"@\w|:\S|www\.\w", told.replace("\u200b", " "))
    read = told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read.replace("\u200b", "") == name


def test_slack_is_told_the_same_figures(pages: Pages, report: Report) -> None:
    """In its own words for what is strong."""
    markdown, slack = pages.markdown(report, title="Autumn"), pages.slack(report, title="Autumn")

    assert slack.splitlines()[0] == "*Autumn*"
    assert "**" not in slack
    assert re.findall(r"\d+", slack) == re.findall(r"\d+", markdown)


@pytest.mark.parametrize(("ready", "told"), [(0, "The list is empty"), (5, "is not known")])
def test_without_a_forecast_no_form_makes_one_up(pages: Pages, ready: int, told: str) -> None:
    """How long a list lasts is not known; that it is empty is."""
    report = report_of(subject(), records(ready=ready, forecast=[]), now=NOW)

    for form in (pages.html, pages.markdown, pages.slack):
        assert told in form(report, title="Autumn")
        assert "last longer" not in form(report, title="Autumn")


def test_what_went_wrong_is_told(pages: Pages) -> None:
    """By its run, with its reason as text."""
    fault = FaultLine(run_id="run_1", type="DailyProgram", at=NOW, reason="GATEWAY <away>")
    report = report_of(subject(), records(faults=[fault]), now=NOW)

    assert "GATEWAY &lt;away&gt;" in pages.html(report, title="Autumn")
    assert "run_1" in pages.markdown(report, title="Autumn")


def test_nobody_was_invited(pages: Pages) -> None:
    """An empty program has a page, too, which does not look healthy."""
    page = pages.html(report_of(subject(), records(slots=[], ready=0), now=NOW), title="Autumn")

    assert "Nobody has been invited" in page
    assert "The list is empty" in page
    assert "nan" not in page.lower()


def test_the_axis_has_room_for_every_bar() -> None:
    """However far apart the shares are."""
    drawn = chart(
        "Rates", [Row(label="a", share=share(3, 100)), Row(label="b", share=share(9, 10))]
    )

    assert all(0 <= bar.length <= 400 for bar in drawn.bars)
    assert drawn.ticks[-1][1] == "100\u00a0%"
