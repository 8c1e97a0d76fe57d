"""`python -m webhook_dispatcher`."""

from webhook_dispatcher.main import main

main()
