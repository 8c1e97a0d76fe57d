"""Values that nobody expects in a request: of texts, of JSON, of numbers and times."""

import random

HALF = "\ue000"
"""Stands for half a character, which Python does not put into a message."""
NOISE = random.Random(1).randbytes(30_000).hex()
"""Too long for a key, and nothing makes it shorter."""
LONG = "Far/Away " * 12_000

PLAIN_TEXTS = ("", "a", "Europe/Berlin", "09:00", "ada", "https://example.org/x", "10", "reply")
_CHARACTERS = """
    \x1b[31m \u202e \ufeff \u200b \u0301 \ufb01 \U0001d54f \U0010ffff % / . [ { {{ {% {0} %s $1 \\ "
"""
_NUMBERS = """
    null -1 NaN 1e999 0x10 1_000 \xb2 \u0663 25:61 24:00 -00:00 0001-01-01 2026-02-30 UTC GMT+25
    9999-12-31T23:59:59Z 9999-12-31T23:59:59-23:59 2026-03-02T12:00:00+23:59
"""
_ESCAPES = r"""
    \u0000 "\ud800" %00 %ff %2e%2e%2f ../../etc/passwd {"a": {{first_name}} {{first_name| AA== AAAA
    WyJcdTAwMDAiXQ -- ');DROP
"""
_ADDRESSES = """
    http://[::1 http://user:p@ss@host:99999/ https://xn--a.com/ https://\uff45xample.com/ mailto:a@b
    urn:li:member:1 https://www.linkedin.example/in/%00 in/%C0%80 //// ?#
"""
ODD_TEXTS = (
    *("", " ", "\r\n", "\x00", "a\x00b", HALF, f"a{HALF}", "http://\x00/", "😀" * 500, "a" * 5_000),
    *("9" * 400, "-" + "9" * 30, "https://" + "a" * 300 + "/", "é" * 50_000, LONG, NOISE),
    *(_CHARACTERS + _NUMBERS + _ESCAPES + _ADDRESSES).split(),
)
ODD_JSON = (
    *("", "{}", "[]", "null", "1", '"', "{", "NaN", "1e999", "9" * 5_000),
    *("[" * 5_000, "[" * 100_000, '{"a":' * 3_000, '{"nodes": null}', '{"nodes": [1]}'),
    *('{"nodes": {}, "edges": {}}', '{"nodes": [], "edges": []}', '{"nodes": [{"id": [1]}]}'),
    *('{"nodes": [{"id": "\\u0000"}]}', '{"nodes": [{"id": "\\ud800"}], "edges": []}'),
    *('{"nodes": [{"id": {}}]}', '{"nodes": [{}, {}], "edges": [{}]}'),
)
ODD_VALUES = (
    *(None, True, 0, -1, 2**31, 2**63, 10**400, 1.5, 1e300, float("nan"), float("inf")),
    *("", "\x00", "\ud800", "1", "01", " a ", [], {}, ["a"], [[]], [None], {"a": 1}, {"": None}),
)
ODD_ENUMS = (99, -1, 2**31 - 1)
ODD_REALS = (float("nan"), float("inf"), float("-inf"), -1.0, 1e308, -0.0, 5e-324, 1.5)
ODD_SECONDS = (
    *(-(2**63), 2**63 - 1, -62_135_596_801, -62_135_596_800, 253_402_300_799, 253_402_300_800),
    *(-1, 0, 1, 2**31, 10**10, -(10**10), 315_576_000_000, 31_622_400_000, -31_622_400_000),
)
ODD_NANOS = (-1, 1, 999_999_999, 1_000_000_000, -(2**31), 2**31 - 1)
