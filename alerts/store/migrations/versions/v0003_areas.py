"""The areas of municipalities with their outlines, which the console draws its maps from."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Make the tables of areas."""
    op.create_table(
        "alerts_area",
        sa.Column("municipality", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(length=200), nullable=True),
        sa.Column("outline", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("municipality", "code", name=op.f("pk_alerts_area")),
    )
    op.create_index("ix_alerts_area_code", "alerts_area", ["code"], unique=False)
    op.create_table(
        "alerts_area_sheet",
        sa.Column("municipality", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", name=op.f("pk_alerts_area_sheet")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("alerts_area_sheet")
    op.drop_index("ix_alerts_area_code", table_name="alerts_area")
    op.drop_table("alerts_area")
