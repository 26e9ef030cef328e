"""Tables and migrations of the alerting side."""
