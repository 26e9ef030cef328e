"""Indexes by which the list of alerts finds what it can be narrowed to."""

from alembic import op

revision = "v0008"
down_revision = "v0007"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_alerts_alert_community", "alerts_alert", ["community"])
    op.create_index("ix_alerts_alert_municipality_community", "alerts_alert", ["municipality", "community"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_alerts_alert_municipality_community", "alerts_alert")
    op.drop_index("ix_alerts_alert_community", "alerts_alert")
