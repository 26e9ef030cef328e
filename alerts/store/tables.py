"""The tables of the alerts database. A change here needs a migration; a test compares the two."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from alerts.store.engine import UtcDateTime

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SHOWN = "audience = 'municipality' AND review IN ('acknowledged', 'approach_agreed', 'closed', 'released')"
"""What a municipality may see of its alerts, for the indexes; ``alerts.queries`` says the same, or finds no index."""

pattern_revision = Table(
    "alerts_pattern_revision",
    METADATA,
    Column("pattern_key", String(200), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("body", Text, nullable=False),  # the whole Pattern as JSON, as it was handed over
    Column("received_at", UtcDateTime, nullable=False),
    Column("late", Boolean, nullable=False),  # came after a newer revision: kept, but it changed nothing
)

alert = Table(
    "alerts_alert",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("pattern_key", String(200), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # grows with every change; what two people at once are told apart by
    Column("municipality", String(40), nullable=False),
    Column("municipality_name", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("community", String(200)),
    Column("ground", String(200)),
    Column("domain", String(200)),
    Column("window_from", Date, nullable=False),
    Column("window_to", Date, nullable=False),
    Column("recurrence_interval_days", Float, nullable=False),
    Column("detection", String(20), nullable=False),
    Column("review", String(20), nullable=False),
    Column("in_state_since", UtcDateTime, nullable=False),
    Column("back_revision", Integer),  # the revision with which a quiet pattern came back
    Column("releases", Integer, nullable=False),  # how often it was released: a second release is news again
    Column("released_by_person", Boolean, nullable=False),
    Column("dismissed_as", String(40)),
    Column("approach", Text),  # JSON
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("released_at", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("agreed_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("look_at", UtcDateTime),  # when time alone may make something due: a reminder, a lapse, the end of a silence
    Index("ix_alerts_alert_look_at", "look_at"),
    Index("ix_alerts_alert_municipality_updated_at", "municipality", "updated_at", "id"),
    Index("ix_alerts_alert_updated_at", "updated_at", "id"),
    Index("ix_alerts_alert_review", "review"),
    Index("ix_alerts_alert_community", "community"),
    Index("ix_alerts_alert_municipality_community", "municipality", "community"),
    Index(
        "ix_alerts_alert_shown_updated_at",
        "municipality",
        "updated_at",
        "id",
        postgresql_where=text(SHOWN),
        sqlite_where=text(SHOWN),
    ),
    Index("ix_alerts_alert_shown_community", "municipality", "community", postgresql_where=text(SHOWN), sqlite_where=text(SHOWN)),
)

alert_area = Table(
    "alerts_alert_area",
    METADATA,
    Column("alert_id", String(32), ForeignKey(alert.c.id), primary_key=True),
    Column("code", String(200), primary_key=True),
    Index("ix_alerts_alert_area_code", "code"),
)

alert_predecessor = Table(
    "alerts_alert_predecessor",
    METADATA,
    Column("alert_id", String(32), ForeignKey(alert.c.id), primary_key=True),
    Column("predecessor_key", String(200), primary_key=True),
    Index("ix_alerts_alert_predecessor_key", "predecessor_key"),
)

area = Table(
    "alerts_area",
    METADATA,
    Column("municipality", String(40), primary_key=True),
    Column("code", String(200), primary_key=True),
    Column("position", Integer, nullable=False),  # wider areas first, then by code
    Column("level", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("parent", String(200)),
    Column("outline", Text),  # a GeoJSON geometry in longitude and latitude; null where none is known
    Index("ix_alerts_area_code", "code"),
)

area_sheet = Table(
    "alerts_area_sheet",
    METADATA,
    Column("municipality", String(40), primary_key=True),
    Column("digest", String(64), nullable=False),  # of what the areas were drawn from: the same again changes nothing
    Column("received_at", UtcDateTime, nullable=False),
)

follow_up = Table(
    "alerts_follow_up",
    METADATA,
    Column("pattern_key", String(200), primary_key=True),
    Column("approach_from", Date, primary_key=True),
    Column("weeks", Integer, primary_key=True),
    Column("body", Text, nullable=False),  # the whole FollowUp as JSON, as it was handed over
    Column("received_at", UtcDateTime, nullable=False),
)

event = Table(
    "alerts_event",
    METADATA,
    Column("alert_id", String(32), ForeignKey(alert.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("what", String(40), nullable=False),  # an Action, or what the system saw
    Column("revision", Integer, nullable=False),
    Column("review_from", String(20)),
    Column("review_to", String(20)),
    Column("text", Text, nullable=False),  # what a person wrote; it stays here and goes nowhere else
    Column("details", Text, nullable=False),  # JSON
)

told = Table(
    "alerts_told",
    METADATA,
    Column("alert_id", String(32), ForeignKey(alert.c.id), primary_key=True),
    Column("audience", String(20), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("releases", Integer, nullable=False),
)

silence = Table(
    "alerts_silence",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("matchers", Text, nullable=False),  # JSON
    Column("author", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_by", String(200)),
)

suppression = Table(
    "alerts_suppression",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert_id", String(32), ForeignKey(alert.c.id), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("silence_id", String(32), ForeignKey(silence.c.id), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),  # when it was decided again
    Column("outcome", String(40)),
    Index("ix_alerts_suppression_alert_id", "alert_id", "audience"),
    Index("ix_alerts_suppression_silence_id", "silence_id"),
)

destination = Table(
    "alerts_destination",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("gone_at", UtcDateTime),
    Column("gone_text", Text),
)

message = Table(
    "alerts_message",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("destination", String(200), ForeignKey(destination.c.name), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("group_key", Text, nullable=False),
    Column("language", String(10), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("sealed", Boolean, nullable=False),  # from here on its items stay as they are
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("holder", String(200)),
    Column("lease_until", UtcDateTime),
    Column("last_error", Text),
    Column("receipt", Text),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("destination", "sequence"),
    Index("ix_alerts_message_state", "state", "next_attempt_at"),
    Index("ix_alerts_message_destination_state", "destination", "state"),
)

delivery = Table(
    "alerts_delivery",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert_id", String(32), ForeignKey(alert.c.id), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("destination", String(200), ForeignKey(destination.c.name), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("round", Integer, nullable=False),  # which reminder, which release; else 0
    Column("message_id", String(32), ForeignKey(message.c.id), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("municipality", String(40), nullable=False),
    Column("municipality_name", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("withdrawn_at", UtcDateTime),  # taken back before it was sent
    UniqueConstraint("alert_id", "revision", "destination", "reason", "round"),
    Index("ix_alerts_delivery_message_id", "message_id"),
)

attempt = Table(
    "alerts_attempt",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(32), ForeignKey(message.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_alerts_attempt_message_id", "message_id"),
)

audit = Table(
    "alerts_audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("event", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_alerts_audit_subject", "subject"),
)

audit_head = Table(
    "alerts_audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

account = Table(
    "alerts_account",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("municipality", String(40)),  # null: works for the anti-discrimination service
    Column("password_hash", Text, nullable=False),  # argon2id; empty: signs in elsewhere
    Column("created_at", UtcDateTime, nullable=False),
    Column("area_codes", Text, nullable=False, server_default="[]"),  # JSON; an area manager's own districts
    Column("sees_place", Boolean, nullable=False, server_default=true()),  # where, beneath the municipality
    Column("sees_community", Boolean, nullable=False, server_default=true()),  # which community
    Column("one_time_until", UtcDateTime),  # the password lets in until then, and only to choose another
    Column("disabled_at", UtcDateTime),
    Column("issuer", String(400)),  # of the identity provider, where somebody signs in there
    Column("subject", String(255)),  # the person's lasting name at that provider
    Column("seen_at", UtcDateTime),  # the last request; where the next session begins, this was the last visit
    UniqueConstraint("issuer", "subject"),
)

session = Table(
    "alerts_session",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),  # SHA-256 of what the cookie holds
    Column("account", String(200), ForeignKey(account.c.name), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("last_visit_at", UtcDateTime),  # when the person was last here before this session
    Column("client", String(200), nullable=False),  # browser and system in a few words, for the person to recognise it
    Column("data", Text, nullable=False),  # JSON: what the pages keep for this session
    Index("ix_alerts_session_account", "account"),
)

sign_in_failure = Table(
    "alerts_sign_in_failure",
    METADATA,
    Column("name_hash", String(64), primary_key=True),  # SHA-256 of the name that was tried, whether it exists or not
    Column("failures", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
)

token = Table(
    "alerts_token",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", String(63), nullable=False, unique=True),  # also of those that ended: the audit log names them
    Column("token_hash", String(64), nullable=False, unique=True),  # SHA-256 of what the program sends
    Column("scopes", Text, nullable=False),  # JSON
    Column("municipality", String(40)),  # null: works for the anti-discrimination service
    Column("area_codes", Text, nullable=False),  # JSON; only these areas, all if empty
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(200)),
    Column("used_at", UtcDateTime),  # the last use, exact to the hour
)

saved_filter = Table(
    "alerts_saved_filter",
    METADATA,
    Column("id", String(32), primary_key=True),  # random: it says nothing of what the filter holds
    Column("account", String(200), ForeignKey(account.c.name), nullable=False),
    Column("name", String(80), nullable=False),  # as the person calls it
    Column("body", Text, nullable=False),  # JSON
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_alerts_saved_filter_account", "account"),
)
