"""What people forbid: holds, suppressions, and contact after a reply."""
