"""The images: what goes into each, how they are built, and how large they may be."""
