"""What is decided about each kind of action.

A kind holds no connection and imports no driver: what it reads, sends or looks for, it asks of
the ports that it is given. So all of it can be decided about, and tested, without Unipile.
"""
