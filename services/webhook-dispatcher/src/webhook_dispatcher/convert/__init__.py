"""Between the contract and the model; refuses bad input, every wrong field at once."""
