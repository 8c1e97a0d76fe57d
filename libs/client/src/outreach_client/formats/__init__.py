"""What people type and read: durations, windows, enums, tables."""
