"""What accounts, actions, holds, suppressions and cool-downs are listed by, and their pages."""
