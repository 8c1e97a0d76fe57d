"""`python -m linkedin_gateway`."""

from linkedin_gateway.main import main

main()
