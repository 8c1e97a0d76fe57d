"""What a service reads that keeps what people are called and what they wrote."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from servicekit.settings.refusals import Refusal
from servicekit.settings.service_settings import ServiceSettings


class SealingSettings(ServiceSettings):
    """Read once, in `main`; `.env.example` lists the same names."""

    sealing_keys: SecretStr | None = None
    """Wrap the keys by which personal data is sealed: 32 random bytes each in URL-safe base64,
    several with commas between them while they change. The first one wraps, all of them unwrap.
    Of a schema each service has the same. Required outside the sandbox."""
    sealing_keys_file: Path | None = None
    """A file with them instead, parted by commas or lines, read again when it changes."""
    sealing_hash_key: SecretStr | None = None
    """By what sealed values are found again: 32 random bytes in URL-safe base64. It never changes,
    and each service of a schema has the same. Required outside the sandbox."""
    sealing_hash_key_file: Path | None = None
    """A file with it instead."""
    sealing_on: bool = True
    """Whether what is written from now on is sealed; what is sealed is read in any case. `false`
    is for an upgrade, until no process is left that cannot read what is sealed."""

    def refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """Beside what every service refuses: keys that everybody knows."""
        yield from super().refusals(sandbox=sandbox)
        for field in ("sealing_keys", "sealing_hash_key"):
            if not sandbox and not getattr(self, field) and not getattr(self, f"{field}_file"):
                yield self.refusal(
                    field, "is not set: personal data would be sealed by a key that everyone knows"
                )
