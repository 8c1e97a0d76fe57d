"""How a model is made of outcomes, and whether it is better than the rules."""
