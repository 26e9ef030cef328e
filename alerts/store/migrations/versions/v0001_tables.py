"""The first tables: alerts, messages, silences, the audit log."""

import sqlalchemy as sa
from alembic import op

from alerts.store.engine import UtcDateTime

revision = "v0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, and the head of an empty audit log."""
    op.create_table(
        "alerts_alert",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("pattern_key", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(length=40), nullable=False),
        sa.Column("municipality_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("community", sa.String(length=200), nullable=True),
        sa.Column("ground", sa.String(length=200), nullable=True),
        sa.Column("domain", sa.String(length=200), nullable=True),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("recurrence_interval_days", sa.Float(), nullable=False),
        sa.Column("detection", sa.String(length=20), nullable=False),
        sa.Column("review", sa.String(length=20), nullable=False),
        sa.Column("in_state_since", UtcDateTime(), nullable=False),
        sa.Column("back_revision", sa.Integer(), nullable=True),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.Column("released_by_person", sa.Boolean(), nullable=False),
        sa.Column("dismissed_as", sa.String(length=40), nullable=True),
        sa.Column("approach", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("look_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_alert")),
        sa.UniqueConstraint("pattern_key", name=op.f("uq_alerts_alert_pattern_key")),
    )
    op.create_index("ix_alerts_alert_look_at", "alerts_alert", ["look_at"], unique=False)
    op.create_index("ix_alerts_alert_municipality_updated_at", "alerts_alert", ["municipality", "updated_at", "id"], unique=False)
    op.create_index("ix_alerts_alert_review", "alerts_alert", ["review"], unique=False)
    op.create_index("ix_alerts_alert_updated_at", "alerts_alert", ["updated_at", "id"], unique=False)
    op.create_table(
        "alerts_audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alerts_audit")),
    )
    op.create_index("ix_alerts_audit_subject", "alerts_audit", ["subject"], unique=False)
    op.create_table(
        "alerts_audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_audit_head")),
    )
    op.create_table(
        "alerts_destination",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.Column("gone_text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alerts_destination")),
    )
    op.create_table(
        "alerts_pattern_revision",
        sa.Column("pattern_key", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("pattern_key", "revision", name=op.f("pk_alerts_pattern_revision")),
    )
    op.create_table(
        "alerts_silence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("matchers", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_silence")),
    )
    op.create_table(
        "alerts_alert_area",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_alert_area_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "code", name=op.f("pk_alerts_alert_area")),
    )
    op.create_index("ix_alerts_alert_area_code", "alerts_alert_area", ["code"], unique=False)
    op.create_table(
        "alerts_alert_predecessor",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("predecessor_key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_alert_predecessor_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "predecessor_key", name=op.f("pk_alerts_alert_predecessor")),
    )
    op.create_index("ix_alerts_alert_predecessor_key", "alerts_alert_predecessor", ["predecessor_key"], unique=False)
    op.create_table(
        "alerts_event",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("review_from", sa.String(length=20), nullable=True),
        sa.Column("review_to", sa.String(length=20), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_event_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "number", name=op.f("pk_alerts_event")),
    )
    op.create_table(
        "alerts_message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("destination", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["destination"], ["alerts_destination.name"], name=op.f("fk_alerts_message_destination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_message")),
        sa.UniqueConstraint("destination", "sequence", name=op.f("uq_alerts_message_destination_sequence")),
    )
    op.create_index("ix_alerts_message_destination_state", "alerts_message", ["destination", "state"], unique=False)
    op.create_index("ix_alerts_message_state", "alerts_message", ["state", "next_attempt_at"], unique=False)
    op.create_table(
        "alerts_suppression",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("silence_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_suppression_alert_id")),
        sa.ForeignKeyConstraint(["silence_id"], ["alerts_silence.id"], name=op.f("fk_alerts_suppression_silence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_suppression")),
    )
    op.create_index("ix_alerts_suppression_alert_id", "alerts_suppression", ["alert_id", "audience"], unique=False)
    op.create_index("ix_alerts_suppression_silence_id", "alerts_suppression", ["silence_id"], unique=False)
    op.create_table(
        "alerts_told",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_told_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "audience", name=op.f("pk_alerts_told")),
    )
    op.create_table(
        "alerts_attempt",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["alerts_message.id"], name=op.f("fk_alerts_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_attempt")),
    )
    op.create_index("ix_alerts_attempt_message_id", "alerts_attempt", ["message_id"], unique=False)
    op.create_table(
        "alerts_delivery",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("municipality", sa.String(length=40), nullable=False),
        sa.Column("municipality_name", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts_alert.id"], name=op.f("fk_alerts_delivery_alert_id")),
        sa.ForeignKeyConstraint(["destination"], ["alerts_destination.name"], name=op.f("fk_alerts_delivery_destination")),
        sa.ForeignKeyConstraint(["message_id"], ["alerts_message.id"], name=op.f("fk_alerts_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_delivery")),
        sa.UniqueConstraint(
            "alert_id",
            "revision",
            "destination",
            "reason",
            "round",
            name=op.f("uq_alerts_delivery_alert_id_revision_destination_reason_round"),
        ),
    )
    op.create_index("ix_alerts_delivery_message_id", "alerts_delivery", ["message_id"], unique=False)
    op.execute(sa.text("INSERT INTO alerts_audit_head (id, seq, hash) VALUES (1, 0, :hash)").bindparams(hash="0" * 64))


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_alerts_delivery_message_id", table_name="alerts_delivery")
    op.drop_table("alerts_delivery")
    op.drop_index("ix_alerts_attempt_message_id", table_name="alerts_attempt")
    op.drop_table("alerts_attempt")
    op.drop_table("alerts_told")
    op.drop_index("ix_alerts_suppression_silence_id", table_name="alerts_suppression")
    op.drop_index("ix_alerts_suppression_alert_id", table_name="alerts_suppression")
    op.drop_table("alerts_suppression")
    op.drop_index("ix_alerts_message_state", table_name="alerts_message")
    op.drop_index("ix_alerts_message_destination_state", table_name="alerts_message")
    op.drop_table("alerts_message")
    op.drop_table("alerts_event")
    op.drop_index("ix_alerts_alert_predecessor_key", table_name="alerts_alert_predecessor")
    op.drop_table("alerts_alert_predecessor")
    op.drop_index("ix_alerts_alert_area_code", table_name="alerts_alert_area")
    op.drop_table("alerts_alert_area")
    op.drop_table("alerts_silence")
    op.drop_table("alerts_pattern_revision")
    op.drop_table("alerts_destination")
    op.drop_table("alerts_audit_head")
    op.drop_index("ix_alerts_audit_subject", table_name="alerts_audit")
    op.drop_table("alerts_audit")
    op.drop_index("ix_alerts_alert_updated_at", table_name="alerts_alert")
    op.drop_index("ix_alerts_alert_review", table_name="alerts_alert")
    op.drop_index("ix_alerts_alert_municipality_updated_at", table_name="alerts_alert")
    op.drop_index("ix_alerts_alert_look_at", table_name="alerts_alert")
    op.drop_table("alerts_alert")
