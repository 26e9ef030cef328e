"""From an alert to words."""
