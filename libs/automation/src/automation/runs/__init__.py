"""What a program's workflows did, one row a run."""
