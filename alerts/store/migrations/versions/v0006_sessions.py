"""What signing in needs: rights on accounts, sessions, and failed attempts."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0006"
down_revision = "v0005"


def upgrade() -> None:
    """Widen the table of accounts; make those of sessions and failed attempts."""
    with op.batch_alter_table("alerts_account") as batch:
        batch.add_column(sa.Column("area_codes", sa.Text(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("sees_place", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("sees_community", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("one_time_until", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("disabled_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("issuer", sa.String(length=400), nullable=True))
        batch.add_column(sa.Column("subject", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("seen_at", UtcDateTime(), nullable=True))
        batch.create_unique_constraint(op.f("uq_alerts_account_issuer_subject"), ["issuer", "subject"])
    op.create_table(
        "alerts_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_visit_at", UtcDateTime(), nullable=True),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["alerts_account.name"], name=op.f("fk_alerts_session_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_alerts_session_token_hash")),
    )
    op.create_index("ix_alerts_session_account", "alerts_session", ["account"])
    op.create_table(
        "alerts_sign_in_failure",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_alerts_sign_in_failure")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("alerts_sign_in_failure")
    op.drop_table("alerts_session")
    with op.batch_alter_table("alerts_account") as batch:
        batch.drop_constraint(op.f("uq_alerts_account_issuer_subject"), type_="unique")
        for name in (
            "seen_at",
            "subject",
            "issuer",
            "disabled_at",
            "one_time_until",
            "sees_community",
            "sees_place",
            "area_codes",
        ):
            batch.drop_column(name)
