"""Follow-ups of agreed approaches: what came in since, as far as it may be told."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    """Make the table of follow-ups."""
    op.create_table(
        "alerts_follow_up",
        sa.Column("pattern_key", sa.String(length=200), nullable=False),
        sa.Column("approach_from", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("pattern_key", "approach_from", "weeks", name=op.f("pk_alerts_follow_up")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("alerts_follow_up")
