"""`make demo` and `make up`: a customer of one stack, and what is shown and checked."""
