"""A mark says why it was made, and which marks were made as one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; a mark from before says nothing of either."""
    with op.batch_alter_table("kind_changes") as table:
        table.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        said = "what was marked as one has one name"
        table.add_column(sa.Column("marking", sa.String(), nullable=False, server_default="", comment=said))
        table.create_index(op.f("ix_kind_changes_marking"), ["marking"])
