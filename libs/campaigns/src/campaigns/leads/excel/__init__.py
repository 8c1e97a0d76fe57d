"""Excel workbooks: what they may unpack to, where their cells lead, and their records."""
