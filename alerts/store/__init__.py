"""The alerts database: its tables, its migrations and the way to it. Knows nothing of the reports' database."""
