"""Who may do what, put together: the issuer that this service is, and its servicers."""

from datetime import timedelta
from functools import partial

from identity.issuer.bootstrap import PACKAGE, SCHEMA
from identity.issuer.http import issuer_app
from identity.issuer.http_client import IssuerClient
from identity.issuer.own_issuer import OwnIssuer
from identity.issuer.trust import further_issuers, trust_of
from identity.keys.key_list import KeyList
from identity.keys.key_repository import KeyRepository
from identity.members.directory import Directory
from identity.members.member_keys import ApiKeys
from identity.members.member_list import MemberList
from identity.members.member_repository import MemberRepository
from identity.members.organization_list import OrganizationList
from identity.members.organization_repository import OrganizationRepository
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.credentials.secrets import Secret, database_url
from servicekit.credentials.tls import Tls
from servicekit.health import Readiness
from servicekit.http_server import HttpServer
from servicekit.identity.identity import AuthenticationRequired, Identity, Trust
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import until_migrated
from servicekit.settings import blaming
from servicekit.startup.pool_metrics import tell_pools
from servicekit.startup.server_facts import OwnSchema
from servicekit.tasks import every

from campaign_api.servicers.api_keys import ApiKeyServicer
from campaign_api.servicers.members import MemberServicer
from campaign_api.servicers.organizations import OrganizationServicer
from campaign_api.servicers.registration import IdentityServicers
from campaign_api.servicers.tokens import TokenServicer
from campaign_api.settings import IDENTITY_CONNECTIONS, IDENTITY_URLS, Settings

IDENTITY_CHECK = "schema identity"
"""How readiness calls that this schema is as the code needs it."""
_AGE_LOOKED_AT = timedelta(minutes=1)
_ROTATION = "rotation of the issuer's keys"


class IdentityParts:
    """What knows who may do what, given a pool of its schema."""

    def __init__(self, settings: Settings, pool: postgres.Pool, client: IssuerClient) -> None:
        """Raises `EncryptionKeyInvalid`, and for further issuers what `trust_of` does."""
        self._settings = settings
        self._pool = pool
        self._client = client
        self.issuer = self._own_issuer()

    @classmethod
    async def connect(
        cls,
        running: process.Process,
        settings: Settings,
        *,
        application: str,
        tls: Tls | None = None,
    ) -> "IdentityParts":
        """On a pool of its own, which connects on first use; raises as the constructor does."""
        pool = await running.enter(
            postgres.connect_pool(
                database_url(settings, *IDENTITY_URLS),
                SCHEMA,
                application=application,
                max_size=IDENTITY_CONNECTIONS,
                wait=False,
            )
        )
        return cls(settings, pool, await running.enter(IssuerClient(tls)))

    def tell_pool(self, registry: CollectorRegistry, **others: postgres.Pool | None) -> None:
        """Have metrics tell of its connections, and of the service's others."""
        tell_pools(registry, identity=self._pool, **others)

    async def until_migrated(self, readiness: Readiness) -> None:
        """Return once its schema is as the code needs it."""
        await until_migrated(self._pool, SCHEMA, PACKAGE, readiness=readiness, check=IDENTITY_CHECK)

    @property
    def schema(self) -> OwnSchema:
        """Its schema."""
        return OwnSchema(schema=SCHEMA, package=PACKAGE, pool=self._pool)

    @property
    def trust(self) -> Trust:
        """Whom this service believes."""
        return self.issuer.trust if self.issuer else trust_of(self._settings, self._client)

    async def serve(
        self, running: process.Process, identity: Identity, *, tls: Tls | None = None
    ) -> HttpServer | None:
        """Tell the public keys, and keep the one that signs young; nothing where none signs."""
        if self.issuer is None:
            return None
        server = await running.enter(
            HttpServer(
                issuer_app(self.issuer.keys, identity.authenticator),
                host=self._settings.public_host,
                port=self._settings.public_port,
                tls=tls,
            )
        )
        rotate = partial(self.issuer.keys.rotate, unless_younger_than=self._settings.issuer_key_age)
        running.spawn(
            _ROTATION,
            lambda: every(_AGE_LOOKED_AT, _ROTATION, rotate),
        )
        return server

    def servicers(self, tokens: PageTokens) -> IdentityServicers:
        """Each on what it needs; page tokens are those of the service."""
        keys = KeyRepository(self._pool)
        directory = Directory(
            OrganizationRepository(self._pool),
            MemberRepository(self._pool),
            keys,
            organization_list=OrganizationList(self._pool, tokens),
            member_list=MemberList(self._pool, tokens),
        )
        api_keys = ApiKeys(keys, directory, key_list=KeyList(self._pool, tokens))
        return IdentityServicers(
            organizations=OrganizationServicer(directory),
            members=MemberServicer(directory),
            api_keys=ApiKeyServicer(api_keys),
            tokens=TokenServicer(self.issuer),
        )

    def _own_issuer(self) -> OwnIssuer | None:
        settings = self._settings
        encryption_keys = Secret.of_setting(settings, "issuer_encryption_keys")
        if not encryption_keys:
            return None
        if not settings.auth_issuer or not settings.auth_audience:
            missing = "auth_audience" if settings.auth_issuer else "auth_issuer"
            raise AuthenticationRequired(f"{settings.name_of(missing)} is required")
        keys = settings.refusal("issuer_encryption_keys", "")
        with blaming(keys.setting, expected=keys.expected):
            return OwnIssuer.on(
                self._pool,
                encryption_keys=encryption_keys,
                issuer=settings.auth_issuer,
                audience=settings.auth_audience,
                further=further_issuers(settings.auth_issuers_file, self._client),
            )


async def migrate_identity(settings: Settings) -> None:
    """Bring the schema up to date."""
    await migrate(database_url(settings, *settings.migrated_by[1]).get(), SCHEMA, PACKAGE)
