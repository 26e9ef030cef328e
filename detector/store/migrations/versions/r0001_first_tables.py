"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "areas",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("inhabitants", NUMBER, nullable=True),
        sa.Column("x_m", sa.Float(), nullable=False),
        sa.Column("y_m", sa.Float(), nullable=False),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("map_year", sa.Integer(), nullable=True),
        sa.Column("geometry_wkb", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    op.create_index(op.f("ix_areas_municipality"), "areas", ["municipality"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "followed_patterns",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run", NUMBER, nullable=False, comment="the run that wrote this state"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_followed_patterns")),
    )
    op.create_index(op.f("ix_followed_patterns_municipality"), "followed_patterns", ["municipality"], unique=False)
    op.create_table(
        "kind_changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.Column("kind_before", sa.String(), nullable=False),
        sa.Column("kind_after", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kind_changes")),
    )
    op.create_index(op.f("ix_kind_changes_report_key"), "kind_changes", ["report_key"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("token", NUMBER, nullable=False, comment="grows with every change of holder"),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "monthly_counts",
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="its first day, of received_on"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False, comment="a code, * for any, empty for none"),
        sa.Column("domain", sa.String(), nullable=False, comment="a code, * for any, empty for none"),
        sa.Column("community", sa.String(), nullable=False, comment="a code, * for any, empty for none"),
        sa.Column("reports", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("municipality", "month", "kind", "ground", "domain", "community", name=op.f("pk_monthly_counts")),
    )
    op.create_table(
        "municipalities",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("news", NUMBER, nullable=False, comment="grows with every change to the municipality's reports"),
        sa.Column("read_up_to", NUMBER, nullable=False, comment="the news that a finished run has read"),
        sa.Column(
            "purged_before",
            sa.Date(),
            nullable=True,
            comment="older reports were folded into monthly_counts and are not taken in again",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_municipalities")),
    )
    op.create_table(
        "pattern_members",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "revision", "report_key", name=op.f("pk_pattern_members")),
    )
    op.create_index(op.f("ix_pattern_members_report_key"), "pattern_members", ["report_key"], unique=False)
    op.create_table(
        "pattern_outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("handed_over_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern_outbox")),
        sa.UniqueConstraint("key", "revision", name=op.f("uq_pattern_outbox_key_revision")),
    )
    op.create_index(op.f("ix_pattern_outbox_handed_over_at_id"), "pattern_outbox", ["handed_over_at", "id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("row", NUMBER, nullable=False),
        sa.Column("field", sa.String(), nullable=False, comment="name of the column, empty where it is the whole row"),
        sa.Column("reason", sa.String(), nullable=False, comment="never a value"),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("source", "file", "row", "field", "reason", name=op.f("uq_quarantine_source_file_row_field_reason")),
    )
    op.create_index(op.f("ix_quarantine_last_at"), "quarantine", ["last_at"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("x_m", sa.Float(), nullable=True),
        sa.Column("y_m", sa.Float(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("place_key", sa.String(), nullable=True),
        sa.Column("place_kind", sa.String(), nullable=True),
        sa.Column("grounds", sa.String(), nullable=False, comment="JSON list of codes"),
        sa.Column("communities", sa.String(), nullable=False, comment="JSON list of codes"),
        sa.Column("domains", sa.String(), nullable=False, comment="JSON list of codes"),
        sa.Column("nature", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False, comment="as the source says"),
        sa.Column("marked_kind", sa.String(), nullable=True, comment="as a case worker says; goes before kind"),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "digest", sa.LargeBinary(length=16), nullable=False, comment="of all that the source says: an equal row is no news"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("source", "report_id", name=op.f("uq_reports_source_report_id")),
    )
    op.create_index(op.f("ix_reports_municipality_received_on"), "reports", ["municipality", "received_on"], unique=False)
    op.create_table(
        "retention_log",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("deleted", NUMBER, nullable=False),
        sa.Column("folded", NUMBER, nullable=False),
        sa.Column("withdrawn", NUMBER, nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_log")),
    )
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False, comment="the process that works on it"),
        sa.Column("settings_hash", sa.String(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("reports_in", NUMBER, nullable=True),
        sa.Column("findings", NUMBER, nullable=True),
        sa.Column("patterns", NUMBER, nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_municipality_started_at"), "runs", ["municipality", "started_at"], unique=False)
    op.create_index(op.f("ix_runs_state"), "runs", ["state"], unique=False)
    op.create_table(
        "settings_history",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("settings_hash", sa.String(), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False, comment="without secrets"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_history")),
    )
    # ### end Alembic commands ###
