"""What was done, by whom, and that nobody has changed the record of it since.

`calls` sees every call: a draft goes into the transaction of a change, an appender writes the rest;
`sealer` chains what was committed and `verification` compares the chain with the records.
"""
