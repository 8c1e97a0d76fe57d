"""People: one human at LinkedIn is one person of an organization, whatever they are called by."""
