"""Generated from the contract of the rules that a contract states (protovalidate)."""
