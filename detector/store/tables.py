"""The tables of the reports database, as the newest migration leaves them."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment; always told in UTC, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone; SQLite, which knows none, gets UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored; give it in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Number: Final = BigInteger().with_variant(Integer, "sqlite")

municipalities: Final = Table(
    "municipalities",
    metadata,
    Column("code", String, primary_key=True),
    Column("news", _Number, nullable=False, comment="grows with every change to the municipality's reports"),
    Column("read_up_to", _Number, nullable=False, comment="the news that a finished run has read"),
    Column("purged_before", Date, comment="older reports were folded into monthly_counts and are not taken in again"),
)

reports: Final = Table(
    "reports",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("source", String, nullable=False),
    Column("report_id", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("occurred_on", Date),
    Column("x_m", Float),
    Column("y_m", Float),
    Column("area_code", String),
    Column("place_key", String),
    Column("place_kind", String),
    Column("grounds", String, nullable=False, comment="JSON list of codes"),
    Column("communities", String, nullable=False, comment="JSON list of codes"),
    Column("domains", String, nullable=False, comment="JSON list of codes"),
    Column("nature", String),
    Column("kind", String, nullable=False, comment="as the source says"),
    Column("marked_kind", String, comment="as a case worker says; goes before kind"),
    Column("withdrawn", Boolean, nullable=False),
    Column("digest", LargeBinary(16), nullable=False, comment="of all that the source says: an equal row is no news"),
    UniqueConstraint("source", "report_id"),
    Index(None, "municipality", "received_on"),
)

kind_changes: Final = Table(
    "kind_changes",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("report_key", String, nullable=False, index=True),
    Column("kind_before", String, nullable=False),
    Column("kind_after", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("marking", String, nullable=False, index=True, server_default="", comment="what was marked as one has one name"),
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("source", String, nullable=False),
    Column("file", String, nullable=False),
    Column("row", _Number, nullable=False),
    Column("field", String, nullable=False, comment="name of the column, empty where it is the whole row"),
    Column("reason", String, nullable=False, comment="never a value"),
    Column("told", Text, nullable=False, server_default="", comment="JSON: the reason's sentence and parts, for other languages"),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("times", _Number, nullable=False),
    UniqueConstraint("source", "file", "row", "field", "reason"),
)

monthly_counts: Final = Table(
    "monthly_counts",
    metadata,
    Column("municipality", String, primary_key=True),
    Column("month", Date, primary_key=True, comment="its first day, of received_on"),
    Column("kind", String, primary_key=True),
    Column("ground", String, primary_key=True, comment="a code, * for any, empty for none"),
    Column("domain", String, primary_key=True, comment="a code, * for any, empty for none"),
    Column("community", String, primary_key=True, comment="a code, * for any, empty for none"),
    Column("reports", _Number, nullable=False),
)

retention_log: Final = Table(
    "retention_log",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("municipality", String, nullable=False),
    Column("before", Date, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("deleted", _Number, nullable=False),
    Column("folded", _Number, nullable=False),
    Column("withdrawn", _Number, nullable=False),
    Column("first_month", Date, nullable=False),
    Column("last_month", Date, nullable=False),
)

areas: Final = Table(
    "areas",
    metadata,
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("level", String, nullable=False),
    Column("parent", String),
    Column("municipality", String, nullable=False, index=True),
    Column("inhabitants", _Number),
    Column("x_m", Float, nullable=False),
    Column("y_m", Float, nullable=False),
    Column("crs", String, nullable=False),
    Column("map_year", Integer),
    Column("geometry_wkb", LargeBinary),
)

counters: Final = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", _Number, nullable=False),
)

runs: Final = Table(
    "runs",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("municipality", String, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("trigger", String, nullable=False),
    Column("holder", String, nullable=False, comment="the process that works on it"),
    Column("settings_hash", String, nullable=False),
    Column("code_version", String, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("reports_in", _Number),
    Column("findings", _Number),
    Column("patterns", _Number),
    Column("duration_s", Float),
    Column("reason", Text),
    Index(None, "municipality", "started_at"),
    Index(None, "state"),
)

followed: Final = Table(
    "followed_patterns",
    metadata,
    Column("key", String, primary_key=True),
    Column("municipality", String, nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    Column("payload", Text, nullable=False),
    Column("run", _Number, nullable=False, comment="the run that wrote this state"),
)

outbox: Final = Table(
    "pattern_outbox",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("municipality", String, nullable=False),
    Column("run", _Number, nullable=False),
    Column("payload", Text, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("handed_over_at", UtcDateTime),
    UniqueConstraint("key", "revision"),
    Index(None, "handed_over_at", "id"),
)

pattern_members: Final = Table(
    "pattern_members",
    metadata,
    Column("key", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("report_key", String, primary_key=True),
    Index(None, "report_key"),
)

leases: Final = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("token", _Number, nullable=False, comment="grows with every change of holder"),
    Column("expires_at", UtcDateTime, nullable=False),
)

settings_history: Final = Table(
    "settings_history",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("settings_hash", String, nullable=False),
    Column("toml", Text, nullable=False, comment="without secrets"),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
)
