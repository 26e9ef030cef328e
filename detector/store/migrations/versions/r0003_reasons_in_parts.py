"""A refused row keeps its reason's sentence and parts, so that it can be told in other languages than English."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; what was refused before has its English sentence alone."""
    with op.batch_alter_table("quarantine") as table:
        said = "JSON: the reason's sentence and parts, for other languages"
        table.add_column(sa.Column("told", sa.Text(), nullable=False, server_default="", comment=said))
