"""Where alembic begins: runs the steps on the connection that ``migrate`` holds, inside its transaction."""

from alembic import context

from detector.store.migrate import VERSION_TABLE
from detector.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
