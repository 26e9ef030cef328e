"""Filters of the list of alerts that people saved."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0007"
down_revision = "v0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alerts_saved_filter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["alerts_account.name"], name=op.f("fk_alerts_saved_filter_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_saved_filter")),
    )
    op.create_index("ix_alerts_saved_filter_account", "alerts_saved_filter", ["account"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("alerts_saved_filter")
