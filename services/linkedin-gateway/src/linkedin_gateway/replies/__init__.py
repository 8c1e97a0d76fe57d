"""What people write to accounts: whose message it is, whom it answers, and what follows."""
