"""`docs/api/`, written from the protos: `python -m devstack.api_reference DIR`."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)
from outreach.common.v1 import audited_pb2, deadline_pb2, permission_pb2

PROTOS = Path(__file__).parents[4] / "protos"

_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
"""Fields of a file's descriptor, by which comments are found; of a message's they are others."""
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4
_METHODS = _VALUES = 2

Place = tuple[int, ...]


class Comments:
    """What is written above each thing of a file, by its place in the descriptor."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._by_place = {
            tuple(each.path): each.leading_comments.strip() or each.trailing_comments.strip()
            for each in file.source_code_info.location
        }

    def at(self, place: Place) -> str:
        """The comment, its lines as they are; empty where there is none."""
        return "\n".join(line.strip() for line in self._by_place.get(place, "").splitlines())

    def line_at(self, place: Place) -> str:
        """The comment on one line, for a table."""
        return " ".join(self.at(place).split()).replace("|", "\\|")


def read_protos(protos: Path = PROTOS) -> Sequence[FileDescriptorProto]:
    """Every file of the contract, with its comments; raises `CalledProcessError`."""
    names = sorted(str(path.relative_to(protos)) for path in (protos / "outreach").rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "set"
        options = [f"--proto_path={protos}", f"--descriptor_set_out={made}"]
        command = [sys.executable, "-m", "grpc_tools.protoc", "--include_source_info"]
        subprocess.run([*command, *options, *names], check=True)  # noqa: S603 - they are ours
        return FileDescriptorSet.FromString(made.read_bytes()).file


def api_reference(files: Sequence[FileDescriptorProto]) -> Mapping[str, str]:
    """The pages of `docs/api/`, by name: an index, and one of each package."""
    packages: dict[str, list[FileDescriptorProto]] = {}
    for file in files:
        packages.setdefault(file.package, []).append(file)
    pages = {f"{package}.md": _page(package, of_it) for package, of_it in packages.items()}
    return {"README.md": _index(packages), **pages}


def _index(packages: Mapping[str, Sequence[FileDescriptorProto]]) -> str:
    lines = [
        "# The API",
        "",
        "Every method of every service, with the permission that it needs; written by",
        "`make api-reference` from `protos/`. [Calling the services](../calling.md) says what",
        "holds for all of them.",
        "",
        "| service | method | permission |",
        "|---|---|---|",
    ]
    for package, files in sorted(packages.items()):
        for file in files:
            for service in file.service:
                for method in service.method:
                    anchor = f"{package}.md#{service.name.lower()}{method.name.lower()}"
                    lines.append(
                        f"| `{package}.{service.name}` | [{method.name}]({anchor})"
                        f" | {_who(method)} |"
                    )
    return "\n".join(lines) + "\n"


def _page(package: str, files: Sequence[FileDescriptorProto]) -> str:
    lines = [f"# {package}", ""]
    for file in files:
        comments = Comments(file)
        for number, service in enumerate(file.service):
            lines += _service(service, comments, (_SERVICES, number))
    for file in files:
        comments = Comments(file)
        for number, message in enumerate(file.message_type):
            lines += _message(message, comments, (_MESSAGES, number), within="")
        for number, enum in enumerate(file.enum_type):
            lines += _enum(enum, comments, (_ENUMS, number), within="")
    return "\n".join(lines).rstrip() + "\n"


def _service(service: ServiceDescriptorProto, comments: Comments, place: Place) -> Iterator[str]:
    promise = service.options.Extensions[deadline_pb2.methods_answer_within].seconds
    yield from (f"## {service.name}", "", comments.at(place), "")
    for number, method in enumerate(service.method):
        within = method.options.Extensions[deadline_pb2.answers_within].seconds or promise
        yield from (f"### {service.name}.{method.name}", "")
        yield from (comments.at((*place, _METHODS, number)), "")
        yield f"- {_streamed(method.client_streaming)}{_linked(method.input_type)} →"
        yield f"  {_streamed(method.server_streaming)}{_linked(method.output_type)}"
        yield f"- needs {_who(method)}; {_audited(method)}"
        if not method.server_streaming:
            yield f"- answers within {within} s"
        yield ""


def _message(
    message: DescriptorProto, comments: Comments, place: Place, *, within: str
) -> Iterator[str]:
    if message.options.map_entry:
        return
    name = f"{within}{message.name}"
    yield from (f"## {name}", "")
    if said := comments.at(place):
        yield from (said, "")
    if message.field:
        yield from ("| field | type | |", "|---|---|---|")
    maps = {each.name: each for each in message.nested_type if each.options.map_entry}
    for number, field in enumerate(message.field):
        said = comments.line_at((*place, _FIELDS, number))
        yield f"| `{field.name}` | {_type(field, maps)} | {said} |"
    yield ""
    for number, nested in enumerate(message.nested_type):
        yield from _message(nested, comments, (*place, _NESTED, number), within=f"{name}.")
    for number, enum in enumerate(message.enum_type):
        yield from _enum(enum, comments, (*place, _NESTED_ENUMS, number), within=f"{name}.")


def _enum(
    enum: EnumDescriptorProto, comments: Comments, place: Place, *, within: str
) -> Iterator[str]:
    yield from (f"## {within}{enum.name}", "")
    if said := comments.at(place):
        yield from (said, "")
    yield from ("| value | |", "|---|---|")
    for number, value in enumerate(enum.value):
        yield f"| `{value.name}` | {comments.line_at((*place, _VALUES, number))} |"
    yield ""


def _type(field: FieldDescriptorProto, maps: Mapping[str, DescriptorProto]) -> str:
    simple = field.type_name.rpartition(".")[2]
    if simple in maps:
        key, value = maps[simple].field
        return f"map of {_type(key, {})} to {_type(value, {})}"
    known = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    told = _linked(field.type_name) if field.type_name else known
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    optional = "optional " if field.proto3_optional else ""
    return f"repeated {told}" if repeated else f"{optional}{told}"


def _linked(type_name: str) -> str:
    package, _, simple = type_name.removeprefix(".").rpartition(".")
    if not package.startswith("outreach."):
        return f"`{package}.{simple}`"
    while package.rpartition(".")[2][:1].isupper():
        package, _, outer = package.rpartition(".")
        simple = f"{outer}.{simple}"
    return f"[{simple}]({package}.md#{simple.replace('.', '').lower()})"


def _streamed(streamed: bool) -> str:  # noqa: FBT001 - it is what the descriptor says
    return "a stream of " if streamed else ""


def _who(method: MethodDescriptorProto) -> str:
    options = method.options.Extensions
    if options[permission_pb2.anyone]:
        return "nothing"
    if options[permission_pb2.services_only]:
        return f"to be {' or '.join(f'`{each}`' for each in options[permission_pb2.services])}"
    limited = ", also limited to accounts" if options[permission_pb2.by_account] else ""
    also = options[permission_pb2.also_permission]
    needed = f"`{options[permission_pb2.permission]}`" + (f" and `{also}`" if also else "")
    return f"{needed}{limited}"


def _audited(method: MethodDescriptorProto) -> str:
    recorded = method.options.Extensions[audited_pb2.audited]
    unrecorded = recorded in {audited_pb2.AUDITED_NOT, audited_pb2.AUDITED_UNSPECIFIED}
    return "leaves no record" if unrecorded else "leaves a record in the audit"


def write(folder: Path) -> None:
    """Write every page, and remove those of packages that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = api_reference(read_protos())
    for page in folder.glob("*.md"):
        if page.name not in pages:
            page.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
