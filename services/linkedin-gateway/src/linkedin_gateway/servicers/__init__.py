"""The rpcs of LinkedInService by noun: unpack, call, pack. `servicer` puts them together."""
