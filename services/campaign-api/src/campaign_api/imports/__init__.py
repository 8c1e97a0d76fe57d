"""Lead lists into campaigns: as they come with a call, or uploaded and read by whoever is there."""
