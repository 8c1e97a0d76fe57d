"""`python -m outreach_worker` runs the service."""

from outreach_worker.main import main

main()
