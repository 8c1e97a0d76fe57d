"""`make webhook-bench`: what publishing and delivering take, and what one hung endpoint costs."""
