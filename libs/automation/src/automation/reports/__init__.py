"""The page that an owner reads: numbers with their denominators.

`report.py` says what there is, `counting.py` counts it from rows, `page.py` shows it.
"""
