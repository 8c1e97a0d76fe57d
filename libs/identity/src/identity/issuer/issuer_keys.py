"""The keys that sign tokens: ES256, in the database, encrypted there by a key from settings."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm
from servicekit.credentials.secrets import Secret
from servicekit.errors import Internal
from servicekit.identity.key_files import key_id
from servicekit.identity.key_sources import Keys
from servicekit.telemetry import logs

from identity.issuer.issuer_key_repository import IssuerKeyRepository, IssuerKeyRow

_ANY_AGE = timedelta(days=36_500)

log = logs.get_logger(__name__)


class EncryptionKeyInvalid(ValueError):
    """The key from settings is not one of Fernet's: 32 random bytes in URL-safe base64."""


class IssuerKeyUnreadable(Internal):
    """The issuer's key was encrypted by a key that is not set here."""

    reason = "INTERNAL"


class IssuerKeys:
    """Several encryption keys, with commas or lines between: the first encrypts, all decrypt.

    What is set later on and is no key leaves those of before in force, which is logged.
    """

    def __init__(self, repository: IssuerKeyRepository, *, encryption_keys: Secret) -> None:
        """Raises `EncryptionKeyInvalid`."""
        self._repository = repository
        self._encryption_keys = encryption_keys
        self._read = encryption_keys.all()
        self._ciphers = _ciphers(self._read)
        self._decrypted: tuple[str, ec.EllipticCurvePrivateKey] | None = None

    async def signing(self) -> tuple[str, ec.EllipticCurvePrivateKey]:
        """The key that signs now, and its id; the first is made here.

        Raises `IssuerKeyUnreadable`.
        """
        found = await self._repository.in_use()
        if found is None:
            await self.rotate(unless_younger_than=_ANY_AGE)
            return await self.signing()
        name, encrypted = found
        if self._decrypted is None or self._decrypted[0] != name:
            self._decrypted = name, self._decrypt(encrypted)
        return self._decrypted

    async def rotate(self, *, unless_younger_than: timedelta = timedelta(0)) -> str:
        """Sign with a new key from now on, unless the one in use is young; the id of who signs."""
        private = ec.generate_private_key(ec.SECP256R1())
        public = private.public_key()
        name = key_id(public)
        row = IssuerKeyRow(
            issuer_key_id=name,
            public_key={
                **ECAlgorithm.to_jwk(public, as_dict=True),
                "kid": name,
                "use": "sig",
                "alg": "ES256",
            },
            private_key=self._cipher().encrypt(
                private.private_bytes(
                    serialization.Encoding.DER,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            ),
        )
        return await self._repository.replace(row, unless_younger_than=unless_younger_than)

    async def key_set(self) -> dict[str, Any]:
        """The public keys, as RFC 7517 has them."""
        return {"keys": list((await self._repository.published()).values())}

    async def published(self) -> Keys:
        """The public keys, to verify with."""
        published = await self._repository.published()
        return {name: PyJWK.from_dict(jwk).key for name, jwk in published.items()}

    def _cipher(self) -> MultiFernet:
        read = self._encryption_keys.all()
        if read != self._read:
            self._read = read
            try:
                self._ciphers = _ciphers(read)
            except EncryptionKeyInvalid as error:
                log.error("encryption_keys_invalid", why=str(error))  # noqa: TRY400 - its text says it
        return self._ciphers

    def _decrypt(self, encrypted: bytes) -> ec.EllipticCurvePrivateKey:
        try:
            key = serialization.load_der_private_key(self._cipher().decrypt(encrypted), None)
        except InvalidToken as error:
            raise IssuerKeyUnreadable from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise IssuerKeyUnreadable
        return key


def _ciphers(lines: Sequence[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(each.strip()) for line in lines for each in line.split(",")])
    except ValueError as error:
        raise EncryptionKeyInvalid(EncryptionKeyInvalid.__doc__) from error
