"""From files to reports: readers, source profile, anonymity guard, intake."""
