"""How owners connect an account: by a connect link, or with their credentials."""
