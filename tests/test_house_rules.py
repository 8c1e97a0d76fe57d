"""The repository's own rules, where no linter knows them."""

import ast
import configparser
import importlib
import itertools
import pkgutil
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from devstack.environment import environment_example
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from grimp import ImportGraph
from outreach.common.v1 import error_reason_pb2, permission_pb2
from servicekit.errors import ServiceError

from tests.protos import methods, services

ROOT = Path(__file__).parent.parent
SERVICES = ("campaign_api", "outreach_worker", "linkedin_gateway", "webhook_dispatcher")
PACKAGES = (*SERVICES, "automation", "campaigns", "identity", "servicekit")
REASONS = {
    name.removeprefix("ERROR_REASON_")
    for name in error_reason_pb2.ErrorReason.keys()  # noqa: SIM118
}


def tracked(*patterns: str) -> list[Path]:
    """The repository's files, those not committed yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for name in listed if (path := ROOT / name).is_file()]


@cache
def module_tree(path: Path) -> ast.Module:
    """A source file, parsed: most rules ask for all of them."""
    return ast.parse(path.read_text())


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(module_tree(path)))


def module_of(path: Path) -> str:
    """The dotted name under which a source file is imported."""
    _, _, inside = str(path.relative_to(ROOT)).partition("/src/")
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def modules(package: str) -> Iterator[str]:
    spec = importlib.import_module(package)
    for module in pkgutil.walk_packages(spec.__path__, f"{package}."):
        # Alembic runs its own; a __main__ runs when it is imported.
        if not re.search(r"\.(migrations|alembic_env|__main__)", module.name):
            yield module.name


def refusals(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for subclass in error.__subclasses__():
        yield subclass
        yield from refusals(subclass)


def test_no_merge_is_left_undone() -> None:
    """A mark of a conflict inside of a string is code: SQL that no linter reads."""
    mark = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)

    assert not [str(path) for path in tracked() if mark.search(path.read_bytes())]


def test_the_kit_knows_no_business() -> None:
    """`servicekit` contains no word of what it is used for."""
    word = re.compile(r"campaign|lead|linkedin|unipile|webhook", re.IGNORECASE)

    said = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("libs/servicekit/src/**/*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if word.search(line)
    ]

    assert not said


def test_the_code_knows_nobody() -> None:
    """Lesson 1: no person's address stands in the code that contacts people."""
    profile = re.compile(r"linkedin\.com/in/[\w%-]", re.IGNORECASE)

    said = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if profile.search(line)
    ]

    assert not said


@pytest.mark.parametrize("method", list(methods()), ids=lambda method: method.full_name)
def test_every_method_declares_its_permission(method: MethodDescriptor) -> None:
    """A method without a permission would be open to every token."""
    options: MethodOptions = method.GetOptions()

    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", options.Extensions[permission_pb2.permission])


def watched_modules() -> list[Path]:
    """What lies in the contract that forbids any effect."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    watched = contracts["importlinter:contract:pure"]["source_modules"].split()
    return [
        path
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        if any(f".{module_of(path)}.".startswith(f".{each}.") for each in watched)
    ]


def test_what_calls_itself_pure_is_watched() -> None:
    """A module whose docstring says so lies in the contract that forbids it any effect."""
    watched = set(watched_modules())

    loose = [
        str(path.relative_to(ROOT))
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        if re.search(r"\bPure\.", ast.get_docstring(module_tree(path)) or "")
        and path not in watched
    ]

    assert not loose


def test_what_is_pure_reads_no_clock() -> None:
    """`datetime` is a value and a clock; the time comes in as an argument."""
    reading = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in watched_modules()
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and ast.unparse(node.value).rpartition(".")[2] in {"datetime", "date"}
    ]

    assert not reading


def test_what_calls_itself_pure_awaits_nothing() -> None:
    """Who is called and awaited has effects, whoever handed it in."""
    waiting = [
        str(path.relative_to(ROOT))
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        if re.search(r"\bPure\.", ast.get_docstring(module_tree(path)) or "")
        and any(
            isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in nodes_of(path)
        )
    ]

    assert not waiting


@pytest.mark.parametrize("service", list(services()), ids=lambda service: service.full_name)
def test_every_service_is_served(service: ServiceDescriptor) -> None:
    """A service of the contract is added to exactly one server; those of all to each."""
    added = re.compile(rf"\badd_{service.name}Servicer_to_server,\s")
    part = {"outreach.audit.v1": "audit", "outreach.installation.v1": "installation"}.get(
        service.file.package
    )
    if part:
        added = re.compile(rf"\b{part}\.add_to\(server\)")

    servers = [
        path.relative_to(ROOT).parts[1]
        for path in tracked("services/*/src/**/*.py")
        if added.search(path.read_text())
    ]

    assert len(servers) == (3 if part else 1)


def test_every_method_is_served() -> None:
    """A servicer that forgets one would answer UNIMPLEMENTED, as what it inherits does."""
    served = {
        (ast.unparse(base).rpartition(".")[2], function.name)
        for path in sources()
        for node in module_tree(path).body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        for function in node.body
        if isinstance(function, ast.AsyncFunctionDef)
    }

    unserved = {
        method.full_name
        for method in methods()
        if (f"{method.containing_service.name}Servicer", method.name) not in served
    }

    assert not unserved


def test_every_reason_is_in_the_contract() -> None:
    """A caller can look up every reason that an error of ours may carry."""
    for package in PACKAGES:
        for module in modules(package):
            importlib.import_module(module)

    unknown = {
        f"{error.__module__}.{error.__qualname__}: {error.reason}"
        for error in refusals(ServiceError)
        if error.__module__.split(".")[0] in PACKAGES
        and isinstance(getattr(error, "reason", None), str)
        and error.reason not in REASONS
    }

    assert not unknown


def test_the_example_environment_is_that_of_the_settings() -> None:
    """`.env.example` names every setting of every service with its true default, and no other."""
    assert (ROOT / ".env.example").read_text() == environment_example()


def test_every_test_states_its_claim() -> None:
    """A test's docstring says what it shows, so that its failure says what is broken."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in tracked("tests/**/test_*.py", "tests/test_*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and ast.get_docstring(node) is None
    ]

    assert not silent


def test_a_decision_has_one_number() -> None:
    """Two that are called the same cannot be cited; its first line says the file's number."""
    decisions = tracked("docs/adr/*.md")
    by_number = Counter(path.name[:4] for path in decisions)

    assert [number for number, times in by_number.items() if times > 1] == []
    said = {path.name: path.read_text().splitlines()[0] for path in decisions}
    assert {name: line for name, line in said.items() if name[:4] not in line} == {}


def test_no_merge_was_left_half_done() -> None:
    """What git writes where both sides changed something is in no file, at any width."""
    mark = re.compile(rb"^(?:<{7,}|>{7,}|\|{7,}) ", re.MULTILINE)

    assert [path for path in tracked() if mark.search(path.read_bytes())] == []


def test_pages_are_short_enough_to_be_read() -> None:
    """The README fits into 120 lines and a decision into 40."""
    limits = {ROOT / "README.md": 120} | dict.fromkeys(tracked("docs/adr/*.md"), 41)

    long = {
        str(path.relative_to(ROOT)): lines
        for path, limit in limits.items()
        if (lines := len(path.read_text().splitlines())) > limit
    }

    assert not long


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link in a page names a file that exists."""
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")

    dead = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in tracked("*.md")
        for target in link.findall(page.read_text())
        if not (page.parent / target).exists()
    ]

    assert not dead


def test_files_named_in_the_architecture_exist() -> None:
    """The hop table puts a finger on files that are there."""
    page = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", page))

    missing = [name for name in named if not tracked(f"*/src/{name}")]

    assert named
    assert not missing


def test_no_file_names_a_registry_or_a_machine() -> None:
    """Packages come from wherever the machine is set up to get them."""
    forbidden = re.compile(r"pypi\.org|pythonhosted|index-url|(?<![\w./~-])/(work|farm)/")

    said = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.name != Path(__file__).name and path.suffix not in {".png", ".svg"}
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]

    assert not said


PASSING_TASKS = {
    "servicekit/grpc/channels/renewed_channel.py": "ends with the last call of an old channel",
    "servicekit/http_server.py": "the server itself: whoever entered it is told of its end",
    "servicekit/identity/key_sources.py": "one question, whose failure its askers hear of",
    "servicekit/process.py": "`spawn`, which keeps up, and the start itself",
    "servicekit/health.py": "one look, whose failure is what is noted",
    "servicekit/tasks.py": "work whose failure its caller hears of, or the log",
    "servicekit/temporal/heartbeat.py": "ends with its activity",
    "servicekit/temporal/worker.py": "the worker itself, whose failure stops the process",
    "linkedin_gateway/ledger/batcher.py": "ends when nothing is pending, and answers every failure",
    "campaign_api/watch/shared_readings.py": "one reading, whose failure its watchers hear of",
    "campaign_api/workflows/health.py": "questions of one call, which ends with them",
    "outreach_worker/leads/workflow.py": "a task of a workflow",
    "outreach_worker/campaigns/activities.py": "ends with its activity",
    "outreach_worker/campaigns/publications.py": "a task of a workflow",
    "outreach_worker/campaigns/wake_activities.py": "ends with its activity",
    "webhook_dispatcher/deliveries/first_attempts.py": "one attempt, which notes its failure",
    "webhook_dispatcher/deliveries/workflow_starter.py": "one hand-over, which notes its failure",
    "webhook_dispatcher/limits/batches.py": "ends when nobody waits, and answers every failure",
    "webhook_dispatcher/http/name_resolver.py": "one look-up, whose failure its askers hear of",
}
"""Modules that make tasks without `kept_up`, and why these need not begin again."""


def test_what_lives_as_long_as_its_process_is_kept_up() -> None:
    """A loop that dies alone is missed by nobody until it is needed: every one begins again."""
    unguarded = {
        name: ast.unparse(node)
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("create_task")
        and "kept_up(" not in ast.unparse(node)
        and (name := path.as_posix().rpartition("/src/")[2]) not in PASSING_TASKS
        and not name.startswith("outreach_client/")
    }

    assert not unguarded


MOST_MODULES = 14
GENERATED = ("outreach", "buf")
"""Code that is not written by hand."""
SOURCES = ("libs/*/src/**/*.py", "services/*/src/**/*.py", "tools/*/src/**/*.py")


def sources() -> Iterator[Path]:
    """The modules that are written by hand, migrations excepted: each of those is an event."""
    for path in tracked(*SOURCES):
        parts = path.relative_to(ROOT).parts
        if parts[3] not in GENERATED and "migrations" not in parts:
            yield path


def test_a_folder_can_be_read_at_a_glance() -> None:
    """A folder's listing is its table of contents: at most fourteen modules."""
    modules_in = Counter(path.parent for path in sources() if path.name != "__init__.py")

    long = {str(f.relative_to(ROOT)): n for f, n in modules_in.items() if n > MOST_MODULES}

    assert not long


MOST_LINES = 300


def test_a_file_has_one_noun() -> None:
    """A module of more than three hundred lines has a second noun, which wants its own.

    What writes the dashboards had come to 467, for nobody looked at what lies in `deploy`.
    """
    written = [*sources(), *tracked("deploy/**/*.py")]
    lines = {path: len(path.read_text().splitlines()) for path in written}

    long = {str(path.relative_to(ROOT)): n for path, n in lines.items() if n > MOST_LINES}

    assert not long


MOST_LINES_OF_A_BODY = 45


def lines_of_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is without its signature, which options may make long, and docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_a_function_does_one_thing() -> None:
    """A body of more than forty-five lines does several, each of which has a name of its own."""
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": lines
        for path in [*sources(), *tracked("deploy/**/*.py")]
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := lines_of_body(node)) > MOST_LINES_OF_A_BODY
    }

    assert not long


def test_every_folder_says_what_it_is_for() -> None:
    """A package's `__init__` has a docstring; a folder of modules without one is none."""
    folders = {path.parent for path in sources()}

    silent = [
        str(folder.relative_to(ROOT))
        for folder in sorted(folders)
        if not (folder / "__init__.py").is_file()
        or ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) is None
    ]

    assert not silent


@pytest.fixture(scope="module")
def import_graph() -> ImportGraph:
    packages = sorted({path.relative_to(ROOT).parts[3] for path in sources()})
    return grimp.build_graph(packages[0], *packages[1:], cache_dir=None)


def test_no_folder_stands_on_another_that_stands_on_it(import_graph: ImportGraph) -> None:
    """Inside a package arrows go one way; a module of a package's root is a folder of its own."""
    circles = []
    for package in sorted(root for root in import_graph.modules if "." not in root):
        below: dict[str, set[str]] = {child: set() for child in import_graph.find_children(package)}
        for folder, others in below.items():
            others |= {
                other
                for other in below
                if other != folder
                and import_graph.direct_import_exists(
                    importer=folder, imported=other, as_packages=True
                )
            }
        try:
            TopologicalSorter(below).prepare()
        except CycleError as circle:
            circles.append(" -> ".join(circle.args[1]))

    assert not circles


def test_the_rooms_stand_in_their_order(import_graph: ImportGraph) -> None:
    """The map lists every folder of a package, and each imports only those to its left."""
    page = (ROOT / "docs/architecture.md").read_text()
    _, _, after = page.partition("## The rooms")
    map_, _, _ = after.partition("\n## ")
    rooms = {
        package: re.findall(r"`(\w+)`", listed)
        for package, listed in re.findall(r"^\| `(\w+)` \| (.+) \|$", map_, re.MULTILINE)
    }

    for package, listed in rooms.items():
        folders = {
            path.parent.name
            for path in tracked(f"*/src/{package}/*/__init__.py")
            if path.parent.parent.name == package and path.parent.name != "migrations"
        }
        assert folders == set(listed), f"{package}: its rooms stand in docs/architecture.md"
        upwards = [
            f"{lower} -> {higher}"
            for lower, higher in itertools.combinations(listed, 2)
            if import_graph.direct_import_exists(
                importer=f"{package}.{lower}", imported=f"{package}.{higher}", as_packages=True
            )
        ]
        assert not upwards, package
    assert set(rooms) == set(PACKAGES)


OPEN_CASES = {
    "linkedin_gateway/kinds/withdrawal.py: return Inconclusive()": (
        "Unipile may say any word of an invitation; one that is not known proves nothing"
    ),
    "linkedin_gateway/inbound/invitation_audit.py: return InvitationStatus.OPEN": (
        "Unipile may say any word of an invitation; one that is not known ends none"
    ),
    "linkedin_gateway/inbound/payloads.py: return None": (
        "Unipile may send any event; nothing follows from one that is not known"
    ),
    "devstack/bench/compile.py: ways = ({},)": (
        "a drawing's word for a node; paths part at the two that are named, and nobody is sent to"
    ),
}
"""Which matches may end in a default, by what stands there, and why."""


def test_no_case_is_left_open() -> None:
    """A `match` names every member of its enum: a new one is a type error, not a default."""
    open_cases = [
        place
        for path in sources()
        for case in nodes_of(path)
        if isinstance(case, ast.match_case)
        and isinstance(case.pattern, ast.MatchAs)
        and case.pattern.pattern is case.guard is None
        and not (line := ast.unparse(case.body[0])).startswith("assert_never(")
        and (place := f"{path.as_posix().rpartition('/src/')[2]}: {line}") not in OPEN_CASES
    ]

    assert not open_cases


def test_a_table_over_an_enum_is_total() -> None:
    """It goes through `total`: with a member that nobody thought of it does not import."""
    nodes = {path: nodes_of(path) for path in sources()}
    enums = {
        node.name
        for found in nodes.values()
        for node in found
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith("Enum") for base in node.bases)
    }

    def keyed_by_enum(table: ast.Dict) -> bool:
        return bool(table.keys) and all(
            isinstance(key, ast.Attribute)
            and isinstance(key.value, ast.Name)
            and key.value.id in enums
            for key in table.keys
        )

    partial = []
    for path, found in nodes.items():
        # The simulator stands alone, without the kit; the local stack decides about nobody.
        if path.relative_to(ROOT).parts[0] == "tools":
            continue
        checked = {
            id(argument)
            for node in found
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "total"
            for argument in node.args
        }
        partial += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in found
            if isinstance(node, ast.Dict) and keyed_by_enum(node) and id(node) not in checked
        ]

    assert not partial


def test_a_class_is_called_by_a_name_of_its_own() -> None:
    """In one package a name is one thing, whatever module it is imported from."""
    homes = Counter(
        (module_of(path).partition(".")[0], node.name)
        for path in sources()
        for node in module_tree(path).body
        if isinstance(node, ast.ClassDef)
    )

    assert not [name for name, found in homes.items() if found > 1]


MOST_POSITIONAL = 7


def test_nothing_is_written_twice() -> None:
    """A function of six statements or more stands in one place.

    What `--check` asks of the writer was written for each of two services.
    """
    written: dict[str, list[str]] = {}
    for path in tracked("services/*/src/**/*.py", "libs/*/src/**/*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                within = ast.Module(body, type_ignores=[])
                if sum(isinstance(each, ast.stmt) for each in ast.walk(within)) >= 6:
                    place = f"{path.relative_to(ROOT)}:{node.name}"
                    written.setdefault(ast.dump(within), []).append(place)

    assert [places for places in written.values() if len(places) > 1] == []


def test_who_takes_many_values_names_them() -> None:
    """A column that is added to one of two long lists by position shifts the others unseen."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in nodes_of(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and max(map(int, re.findall(r"\$(\d+)", node.value)), default=0) > MOST_POSITIONAL
    ]

    assert not long


def raised(function: ast.AST) -> Iterator[str]:
    """The exceptions that a function's own body raises by name."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = ast.unparse(error).rpartition(".")[2]
            if re.fullmatch(r"[A-Z]\w+", name) and name != "AssertionError":
                yield name
        yield from raised(node)


def public_functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods that others call; those of gRPC, in capitals, have the contract."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            if not child.name.startswith("_") and not child.name[0].isupper():
                yield child
        elif not (isinstance(child, ast.ClassDef) and child.name.startswith("_")):
            yield from public_functions(child)


def test_a_docstring_says_what_is_raised() -> None:
    """Whoever calls a function reads which errors it raises, by name."""
    unsaid = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {name}"
        for path in sources()
        for function in public_functions(module_tree(path))
        for name in sorted(set(raised(function)))
        if name not in (ast.get_docstring(function) or "")
    ]

    assert not unsaid
