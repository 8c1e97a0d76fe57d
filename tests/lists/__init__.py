"""What every list can be asked, how it is read, and what that takes."""
