"""The issuer that a service is itself: its keys, its tokens, and who believes them."""

from dataclasses import dataclass

from servicekit.credentials.secrets import Secret
from servicekit.identity.authenticator import Issuer
from servicekit.identity.identity import Trust
from servicekit.identity.key_sources import ToldKeys
from servicekit.postgres.pool import Pool

from identity.issuer.issuer_key_repository import IssuerKeyRepository
from identity.issuer.issuer_keys import IssuerKeys
from identity.issuer.tokens import OVERLAP, OwnStanding, Tokens
from identity.keys.key_repository import KeyRepository


@dataclass(frozen=True, kw_only=True)
class OwnIssuer:
    """Built once, on the pool of the schema `identity`."""

    keys: IssuerKeys
    tokens: Tokens
    trust: Trust

    @classmethod
    def on(
        cls,
        pool: Pool,
        *,
        encryption_keys: Secret,
        issuer: str,
        audience: str,
        further: list[Issuer],
    ) -> "OwnIssuer":
        """Raises `EncryptionKeyInvalid`."""
        keys = IssuerKeys(
            IssuerKeyRepository(pool, overlap=OVERLAP), encryption_keys=encryption_keys
        )
        repository = KeyRepository(pool)
        return cls(
            keys=keys,
            tokens=Tokens(repository, keys, issuer=issuer, audience=audience),
            trust=Trust(
                keys=ToldKeys(keys.published),
                further=further,
                standing=OwnStanding(repository),
            ),
        )
