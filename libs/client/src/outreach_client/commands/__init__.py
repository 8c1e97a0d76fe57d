"""The commands of `outreach`, a module for each noun."""
