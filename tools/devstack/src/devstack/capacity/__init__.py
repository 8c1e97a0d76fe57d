"""`make capacity`: what a lead costs, in processor, memory, rows and Temporal's actions."""
