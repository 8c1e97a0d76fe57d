"""`make bench`: what is measured, against floors and peers."""
