"""What a service reads from its environment, and with what it refuses to start.

Light: nothing here imports a driver or a server, so that a refusal comes at once.
"""

from servicekit.settings.environment import EnvironmentVariable, environment, name_of_field
from servicekit.settings.reading import read, read_to_migrate
from servicekit.settings.refusals import Refusal, SettingsRefused, blaming
from servicekit.settings.sealing_settings import SealingSettings
from servicekit.settings.server_settings import ServerSettings
from servicekit.settings.service_settings import DATABASE_SCHEMES, DatabaseUrl, ServiceSettings

__all__ = [
    "DATABASE_SCHEMES",
    "DatabaseUrl",
    "EnvironmentVariable",
    "Refusal",
    "SealingSettings",
    "ServerSettings",
    "ServiceSettings",
    "SettingsRefused",
    "blaming",
    "environment",
    "name_of_field",
    "read",
    "read_to_migrate",
]
