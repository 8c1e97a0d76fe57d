"""What an endpoint's options are read from: headers and secrets come from files, never shown."""

from pathlib import Path

from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.session import read_text, refuse


def read_headers(path: Path | None) -> dict[str, str]:
    """The headers in a file, one a line as `name: value`; `-` is standard input.

    Raises `BadParameter` if it cannot be read, or a line is no header.
    """
    headers: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines() if path else (), start=1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            refuse(f"line {number} of {path} is no `name: value`")
        headers[name.strip()] = value.strip()
    return headers


def legacy_signature(
    header: str, scheme: int, *, prefix: str, secret_file: Path | None
) -> pb.LegacySignature | None:
    """The signature beside ours; None without a header."""
    if not header:
        if prefix or secret_file:
            refuse("a legacy signature stands in a header: give --legacy-header")
        return None
    return pb.LegacySignature(
        header=header,
        scheme=pb.SignatureScheme.ValueType(scheme),
        prefix=prefix,
        secret=read_text(secret_file).strip() if secret_file else "",
    )
