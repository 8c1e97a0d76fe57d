"""Lead lists: from the bytes of a file to people."""
