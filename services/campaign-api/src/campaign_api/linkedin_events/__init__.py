"""What LinkedIn told the gateway: passed on to leads and customers, and whom a reply ends."""
