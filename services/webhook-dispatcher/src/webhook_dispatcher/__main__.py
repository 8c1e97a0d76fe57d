"""`python -m webhook_dispatcher` runs the service."""

import gc

# What is imported stays: to look through it again and again is a fifth of the time that a start
# takes. `process.run` sets it aside and begins to collect.
gc.disable()

from webhook_dispatcher.main import main  # noqa: E402 - not before

main()
