"""The services as members of a client: which there are, what their methods are called, how they go.

`typed.pyi` has the types of all of them; `make client` writes it from the contract.
"""
