"""The page that an owner reads: numbers with their denominators."""
