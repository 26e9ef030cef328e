"""Accounts: who may sign in to the console, and as what."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Make the table of accounts."""
    op.create_table(
        "alerts_account",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("municipality", sa.String(length=40), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alerts_account")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("alerts_account")
