"""Tokens of programs that use the API."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0005"
down_revision = "v0004"


def upgrade() -> None:
    """Make the table of tokens."""
    op.create_table(
        "alerts_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("municipality", sa.String(length=40), nullable=True),
        sa.Column("area_codes", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_token")),
        sa.UniqueConstraint("name", name=op.f("uq_alerts_token_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_alerts_token_token_hash")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("alerts_token")
