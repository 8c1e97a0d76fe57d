"""What the page shows of receiving webhooks verifies what the dispatcher signs."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from webhook_dispatcher.http.signature import secret_from, signed_headers

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"
OLD, NEW, OTHERS = (secret_from(bytes([number]) * 32) for number in range(3))
BODY = '{"type":"lead.completed","data":{"lead":{"firstName":"Zoë"}}}'


@dataclass(frozen=True)
class Language:
    """How a program is run that reads headers and a body from files beside it."""

    command: tuple[str, ...]
    file: str
    calls: str
    """What follows the page's function: it prints what that returns, as JSON."""


LANGUAGES = {
    "python": Language(
        ("python3",),
        "receive.py",
        """
import json, sys
print(json.dumps(verified(sys.argv[1], json.load(open("headers.json")), open("body", "rb").read())))
""",
    ),
    "javascript": Language(
        ("node",),
        "receive.js",
        """
const fs = require("node:fs");
const headers = JSON.parse(fs.readFileSync("headers.json"));
console.log(JSON.stringify(verified(process.argv[2], headers, fs.readFileSync("body"))));
""",
    ),
    "ruby": Language(
        ("ruby",),
        "receive.rb",
        """
require "json"
puts verified(ARGV[0], JSON.parse(File.read("headers.json")), File.binread("body")).to_json
""",
    ),
    "php": Language(
        ("php",),
        "receive.php",
        """
$headers = json_decode(file_get_contents("headers.json"), true);
echo json_encode(verified($argv[1], $headers, file_get_contents("body")));
""",
    ),
    "go": Language(
        ("go", "run"),
        "receive.go",
        """
func main() {
	var headers map[string]string
	text, _ := os.ReadFile("headers.json")
	json.Unmarshal(text, &headers)
	body, _ := os.ReadFile("body")
	fmt.Println(verified(os.Args[1], headers, body))
}
""",
    ),
}


def program(name: str) -> str:
    """The page's function, and what calls it."""
    found = re.search(rf"```{name}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    shown = found[1]
    if name == "go":
        shown = shown.replace("import (", 'import (\n\t"encoding/json"\n\t"os"')
    return shown + LANGUAGES[name].calls


def test_every_language_of_the_page_is_tried() -> None:
    """Where its interpreter is; none is shown that nothing would run."""
    assert set(re.findall(r"```(\w+)\n", PAGE.read_text())) == set(LANGUAGES)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_receiver_verifies(name: str, tmp_path: Path) -> None:
    """By any secret that signs; not what was changed, what is old, nor by another's secret."""
    language = LANGUAGES[name]
    if shutil.which(language.command[0]) is None:
        pytest.skip(f"there is no {language.command[0]} here")
    (tmp_path / language.file).write_text(program(name))

    def verified(secret: str, *, body: str = BODY, age: timedelta = timedelta(0)) -> bool:
        sent_at = datetime.now(UTC) - age
        headers = signed_headers([NEW, OLD], event_id="evt_1", body=BODY, sent_at=sent_at)
        (tmp_path / "headers.json").write_text(json.dumps(headers))
        (tmp_path / "body").write_text(body)
        command = [*language.command, language.file, secret]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        told: bool = json.loads(ran.stdout)
        return told

    assert verified(NEW)
    assert verified(OLD)
    assert not verified(OTHERS)
    assert not verified(NEW, body=BODY.replace("Zoë", "Zoe"))
    assert not verified(NEW, age=timedelta(minutes=6))
