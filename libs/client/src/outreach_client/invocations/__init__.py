"""What holds for every command: its options, how its answer is shown, and how it ends."""
