"""The page that tells which settings are in force, what each means, and what changed when."""
