"""Google's API improvement proposals: what of them descriptors decide, and what is on purpose."""
