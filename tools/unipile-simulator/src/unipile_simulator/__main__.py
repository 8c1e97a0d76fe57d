"""`python -m unipile_simulator` is `unipile-simulator`."""

from unipile_simulator.cli import main

main()
