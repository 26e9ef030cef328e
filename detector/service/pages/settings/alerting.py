"""What the settings of alerts, messages and the console mean, a line each."""

from typing import Final

from alerts.render.catalogue import marked
from detector.service.pages.settings.section import Section

ALERTING: Final = (
    Section(
        "keeping",
        marked("How long things are kept"),
        {
            "retention.reports_months": marked("Reports are deleted after so many months."),
            "retention.alerts_months": marked("Alerts to which nothing happened for so many months are deleted."),
            "retention.daily_at": marked("At what time of day that is done."),
        },
    ),
    Section(
        "alerts",
        marked("Alerts and reminders"),
        {
            "alerts.console_url": marked("Address of this console, to which messages lead."),
            "alerts.release_required": marked(
                "Which kinds of pattern reach the municipality only after the service released them."
            ),
            "alerts.acknowledgement_lapses_after_days": marked(
                "An acknowledgement without an approach lapses after so many days."
            ),
            "alerts.policy.recurrence_steps_days": marked(
                "A new message goes out when chance would do the same less often than the next of these, in days."
            ),
            "alerts.policy.reminder_after_days": marked(
                "A reminder goes out when an alert lies so many days without being taken up or acknowledged ..."
            ),
            "alerts.policy.reminders_at_most": marked("... and at most so many times."),
        },
    ),
    Section(
        "sending",
        marked("Who is told, and how messages are sent"),
        {
            "alerts.destinations": marked("Who is told, and by which way."),
            "alerts.route": marked("Which alert goes to whom; without routes, everybody hears of what they may see."),
            "alerts.delivery.retry_after_seconds": marked(
                "How many seconds to wait before each attempt; after the last a message counts as undeliverable."
            ),
            "alerts.delivery.jitter": marked("By which part those waits differ, so that not everything comes at once."),
            "alerts.delivery.retry_after_at_most_seconds": marked(
                "How many seconds a destination can ask to be left alone at most."
            ),
            "alerts.delivery.order_wait_at_most_seconds": marked("How many seconds a message waits for an earlier one at most."),
            "alerts.delivery.lease_seconds": marked(
                "After so many seconds another process takes up a message that was being sent."
            ),
            "alerts.delivery.at_once": marked("To how many destinations messages go at the same time."),
            "alerts.delivery.alerts_per_message": marked("How many alerts stand in one message at most."),
        },
    ),
    Section(
        "console",
        marked("This console"),
        {
            "console.organisation": marked("Whose console this is; stands on every page."),
            "console.contact": marked("Where a resident turns to; stands on the public page."),
            "console.theme_file": marked("File with the house style."),
            "console.tiles_url": marked("Background of the maps. Not set: none."),
            "console.tiles_attribution": marked("Whom the maps name for that background."),
            "console.idle_minutes": marked("After so many minutes without doing anything, somebody has to sign in again."),
            "console.session_hours": marked("So many hours after signing in, somebody has to sign in again in any case."),
            "console.failures_before_lock": marked("After so many wrong passwords a name is locked."),
            "console.lock_minutes": marked("For how many minutes a name is locked then."),
            "console.sign_ins_per_minute": marked("How often one address may try to sign in each minute."),
            "console.api_requests_per_minute": marked("How many requests a program may make each minute."),
            "console.one_time_hours": marked("For how many hours a password that was given out lets in."),
        },
    ),
    Section(
        "provider",
        marked("Sign in with the account of your organisation"),
        {
            "console.oidc.issuer": marked("Address of the provider with which people sign in. Not set: there is none."),
            "console.oidc.client_id": marked("Name by which the provider knows this console."),
            "console.oidc.client_secret": marked("Secret by which the provider knows this console."),
            "console.oidc.name": marked("What the button to sign in names."),
            "console.oidc.origins": marked("Further sites over which people are led while they sign in."),
            "console.oidc.scopes": marked("What the provider is asked for."),
            "console.oidc.name_claim": marked("Where the provider says somebody’s name."),
            "console.oidc.role_claim": marked("Where the provider says somebody’s role."),
            "console.oidc.roles": marked("Which role each of its values means."),
            "console.oidc.municipality": marked("Municipality of everybody, where the provider says none."),
            "console.oidc.municipality_claim": marked("Where the provider says somebody’s municipality."),
            "console.oidc.municipalities": marked("Which municipality each of its values means."),
            "console.oidc.areas_claim": marked("Where the provider says an area manager’s own districts."),
            "console.oidc.areas": marked("Which district each of its values means."),
            "console.oidc.rights_claim": marked(
                "Where the provider says what somebody may see. Not set: everybody sees all of it."
            ),
            "console.oidc.sees_place": marked("Values that let somebody see where."),
            "console.oidc.sees_community": marked("Values that let somebody see which community."),
            "console.oidc.timeout_seconds": marked("How many seconds to wait for the provider."),
        },
    ),
    Section(
        "service",
        marked("The service itself"),
        {
            "data_dir": marked("Folder in which the service keeps everything that it writes."),
            "host": marked("Address on which the service listens."),
            "port": marked("Port on which the service listens."),
            "timezone": marked("Clock by which days begin and end."),
            "language": marked("Language of pages where a browser asks for another. Every destination names its own."),
            "lease_seconds": marked("After so many seconds without a sign of life, another process takes over."),
            "log.level": marked("How much is logged."),
            "log.format": marked("How log lines are written: as JSON, or as text for people."),
            "store.reports_url": marked("Database of reports. Not set: a file in the folder of the service."),
            "store.alerts_url": marked("Database of alerts. Not set: a file in the folder of the service."),
            "engine.kind": marked("What runs the work of a night."),
            "engine.processes": marked("How many processes work at the same time at most; 0 is one for each core."),
            "engine.unit_tries": marked("How often a municipality is tried in all when its process dies."),
        },
    ),
)
