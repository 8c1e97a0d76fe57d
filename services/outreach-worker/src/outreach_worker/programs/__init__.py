"""Programs: the workflow of a daily run, its activities, and the schedules that Temporal keeps."""
