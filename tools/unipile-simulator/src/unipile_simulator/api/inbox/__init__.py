"""Reading what Unipile has synchronised: chats and their messages, and who is in them."""
