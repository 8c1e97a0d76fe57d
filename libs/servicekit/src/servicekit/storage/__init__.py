"""Files that a service keeps: in a folder or a bucket, encrypted, until they expire.

What has a row is in PostgreSQL. A file is what somebody takes away or brings: an export, a report,
a backup. Read-only roots and several replicas leave it no other place than this.
"""
