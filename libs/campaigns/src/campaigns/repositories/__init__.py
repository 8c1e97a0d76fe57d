"""The campaign context's rows: one repository for each noun."""
