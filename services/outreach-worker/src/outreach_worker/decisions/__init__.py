"""What brings a program's decisions about, and takes them back: one effect a kind."""
