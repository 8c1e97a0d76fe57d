"""What people call things instead of by their ids: names, unique beginnings of them, `@last`."""
