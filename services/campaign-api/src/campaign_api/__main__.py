"""`python -m campaign_api`."""

from campaign_api.main import main

main()
