"""Models of programs as callers ask for them."""
