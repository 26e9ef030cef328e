"""How Alembic runs the migrations: on the connection that ``alerts.store.engine.migrate`` hands over."""

from alembic import context

from alerts.store.engine import VERSION_TABLE, StoreError
from alerts.store.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise StoreError("run the migrations through alerts.store.engine.migrate, which knows the database")
context.configure(connection=connection, target_metadata=METADATA, version_table=VERSION_TABLE, render_as_batch=True)
context.run_migrations()
