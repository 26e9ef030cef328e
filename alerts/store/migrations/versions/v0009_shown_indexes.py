"""Indexes of the alerts that a municipality may see: how many there are, which changed last, which communities they concern."""

from alembic import op
from sqlalchemy import text

revision = "v0009"
down_revision = "v0008"

_SHOWN = text("audience = 'municipality' AND review IN ('acknowledged', 'approach_agreed', 'closed', 'released')")


def upgrade() -> None:
    """Make the indexes."""
    for name, columns in (
        ("ix_alerts_alert_shown_updated_at", ["municipality", "updated_at", "id"]),
        ("ix_alerts_alert_shown_community", ["municipality", "community"]),
    ):
        op.create_index(name, "alerts_alert", columns, postgresql_where=_SHOWN, sqlite_where=_SHOWN)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_alerts_alert_shown_community", "alerts_alert")
    op.drop_index("ix_alerts_alert_shown_updated_at", "alerts_alert")
