"""A program: whose campaign it feeds, how much, when, and how freely."""
