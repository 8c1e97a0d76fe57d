"""Two of something, measured in turn: what else the machine does meets both.

`without` is campaign-api without one of its guards, `revisions` the decisions of another revision.
"""
