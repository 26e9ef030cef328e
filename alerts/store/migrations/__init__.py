"""Alembic's migrations of the alerts database; they travel with the package."""
