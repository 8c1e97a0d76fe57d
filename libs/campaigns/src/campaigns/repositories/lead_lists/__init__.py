"""SQL on lists of people that are kept: their names, who is in them, who took from them."""
