"""Events for campaign-api: kept with what they are of, published afterwards, in order."""
