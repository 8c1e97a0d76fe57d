"""What is between accounts and people: relationships, chats, posts and what is said to them."""
