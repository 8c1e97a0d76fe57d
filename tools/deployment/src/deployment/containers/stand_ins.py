"""Images of others, made here where no registry of them is reached.

Each is the real program: PostgreSQL of the Debian packages, Temporal's development server of the
Python package. Only how it starts is ours, as the official images do it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from deployment.containers.podman import Podman, PodmanFailed
from deployment.images.build import DEFAULT_BASE

POSTGRES = "docker.io/library/postgres:16.10-bookworm"
TEMPORAL = "docker.io/temporalio/temporal:1.5.1"
PYTHON = DEFAULT_BASE

_START_POSTGRES = """\
#!/bin/sh
# As the official image does: a cluster and a database where there are none, then the server.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  initdb --encoding=UTF8 --locale=C.UTF-8 --username=postgres \\
    --pwfile=/tmp/password --auth-host=scram-sha-256 -D "$PGDATA"
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses= -k /tmp" start
  PGPASSWORD="$POSTGRES_PASSWORD" createdb -h /tmp -U postgres "$POSTGRES_DB"
  pg_ctl -D "$PGDATA" -w -m fast stop
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -k /tmp "$@"
"""
_POSTGRES = """\
FROM {base}
COPY start /usr/local/bin/start
ENTRYPOINT ["/usr/local/bin/start"]
"""
_TEMPORAL = """\
FROM {base}
COPY temporal /usr/local/bin/temporal
ENTRYPOINT ["/usr/local/bin/temporal"]
"""
_DEBIAN_POSTGRES = ("ca-certificates", "postgresql-15", "locales")
_DEBIAN_PYTHON = ("ca-certificates", "python3", "python3-venv", "python-is-python3", "tzdata")


def provide_python(podman: Podman, scratch: Path) -> list[str]:
    """Have what our images are built on; its name if it had to be made here.

    Raises `PodmanFailed` when it can be neither fetched nor made.
    """
    if _fetched(podman, PYTHON):
        return []
    _debian(podman, scratch, PYTHON, _DEBIAN_PYTHON)
    return [PYTHON]


def provide(podman: Podman, scratch: Path, temporal: Path) -> list[str]:
    """Have every image of others that pods run from; the names of those that had to be made here.

    Raises `PodmanFailed` when one can be neither fetched nor made.
    """
    made = provide_python(podman, scratch)
    if not _fetched(podman, POSTGRES):
        base = "localhost/postgres-packages:15"
        if not podman.has_image(base):
            path = "/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            _debian(podman, scratch, base, _DEBIAN_POSTGRES, path=path)
        (scratch / "start").write_text(_START_POSTGRES)
        (scratch / "start").chmod(0o755)
        _build(podman, scratch, POSTGRES, _POSTGRES.format(base=base))
        made.append(POSTGRES)
    if not _fetched(podman, TEMPORAL):
        shutil.copyfile(temporal, scratch / "temporal")
        (scratch / "temporal").chmod(0o755)
        _build(podman, scratch, TEMPORAL, _TEMPORAL.format(base=PYTHON))
        made.append(TEMPORAL)
    return made


def _fetched(podman: Podman, reference: str) -> bool:
    if podman.has_image(reference):
        return True
    try:
        podman.run("pull", "--quiet", reference, timeout=300)
    except PodmanFailed:
        return False
    return True


def _build(podman: Podman, scratch: Path, reference: str, text: str) -> None:
    file = scratch / "Dockerfile"
    file.write_text(text)
    podman.run("build", "--isolation", "chroot", "-f", str(file), "-t", reference, str(scratch))


def _debian(
    podman: Podman,
    scratch: Path,
    reference: str,
    packages: tuple[str, ...],
    *,
    path: str = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
) -> None:
    """An image of Debian packages alone. Raises `PodmanFailed` where mmdebstrap is not there."""
    mmdebstrap = shutil.which("mmdebstrap")
    if mmdebstrap is None:
        raise PodmanFailed(f"{reference} cannot be fetched, and mmdebstrap is not there to make it")
    archive = scratch / "debian.tar"
    podman.run_other(
        mmdebstrap, "--variant=minbase", f"--include={','.join(packages)}", "bookworm", str(archive)
    )
    podman.run("import", "--change", f"ENV PATH={path}", str(archive), reference, timeout=300)
    archive.unlink()
