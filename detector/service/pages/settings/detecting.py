"""What the settings of taking in, looking and telling mean, a line each."""

from typing import Final

from alerts.render.catalogue import marked
from detector.service.pages.settings.section import Section

DETECTING: Final = (
    Section(
        "intake",
        marked("Taking in reports"),
        {
            "intake.inbox": marked("Folder into which files of reports are dropped."),
            "intake.default_profile": marked("Source profile for files that lie directly in that folder."),
            "intake.every_seconds": marked("How many seconds there are between two looks into the folder."),
            "intake.settle_seconds": marked("A file is read once it has not changed for so many seconds."),
            "intake.keep_files_days": marked("Files that were dealt with are deleted after so many days; 0 keeps them."),
            "intake.max_body_mb": marked("Largest file or message with reports that is accepted, in megabytes."),
            "intake.keep_uploads_hours": marked("A file handed in but not taken in is thrown away after so many hours."),
            "intake.tokens": marked("Secrets with which programs may send reports."),
        },
    ),
    Section(
        "areas",
        marked("Areas and municipalities"),
        {
            "areas.pdok_url": marked("Where districts, neighbourhoods and inhabitants are fetched."),
            "municipalities": marked("What differs for a municipality: its clock or its number of false alerts."),
        },
    ),
    Section(
        "looking",
        marked("Looking for patterns"),
        {
            "detection.false_alerts_per_year": marked(
                "How many false alerts a year you accept, in a town where nothing is going on."
            ),
            "detection.time_axis": marked("Which date counts: the day a report came in, or the day it happened."),
            "detection.history_days": marked("How many days of history count."),
            "detection.nightly_at": marked("When the nightly look begins."),
            "detection.after_intake": marked("Whether to look right after reports came in as well."),
            "detection.seed": marked("Where chance starts: the same number gives the same answer on the same reports."),
            "detection.methods": marked("Which methods look."),
        },
    ),
    Section(
        "rules",
        marked("Rules of your own"),
        {
            "detection.threshold.rules": marked("Your own rules: so many reports within so many days."),
            "detection.threshold.max_false_alerts_per_year": marked(
                "A rule that would give more false alerts a year than this stays silent."
            ),
            "detection.threshold.replicates": marked("How many random orders of the dates a rule is compared with."),
        },
    ),
    Section(
        "scan",
        marked("The scan over areas and communities"),
        {
            "detection.scan.score": marked(
                "By what a pattern is weighed: what past and inhabitants of a place lead to expect, or the likelihood ratio."
            ),
            "detection.scan.share": marked("Which part of the false alerts that you accept is for the scan."),
            "detection.scan.family_shares.place": marked("Which part of that is for many reports at one place."),
            "detection.scan.family_shares.community": marked(
                "Which part of that is for one community anywhere in the municipality."
            ),
            "detection.scan.family_shares.place_community": marked(
                "Which part of that is for one community in one part of the municipality."
            ),
            "detection.scan.windows_days": marked("Over how many days back the scan looks; each length apart."),
            "detection.scan.lasting_days": marked("Looks within so many days count as one for the false alerts that you accept."),
            "detection.scan.history_days": marked("How many days of history count for the scan."),
            "detection.scan.min_reports": marked("The fewest reports that the scan calls a pattern."),
            "detection.scan.alpha": marked(
                "How much the inhabitants of a place count beside its past: as much as so many reports."
            ),
            "detection.scan.replicates": marked("How many random orders of the dates decide at most."),
            "detection.scan.zones": marked("Which kinds of places are looked at."),
            "detection.scan.streams": marked("By what reports are looked at apart, beside all of them together."),
            "detection.scan.max_radius_m": marked("Largest circle, in metres; only for the likelihood ratio."),
            "detection.scan.max_share": marked("Largest part of all reports in one circle; only for the likelihood ratio."),
            "detection.scan.threads": marked("How many threads compute at the same time; the answer stays the same."),
        },
    ),
    Section(
        "density",
        marked("Concentrations of any shape"),
        {
            "detection.density.algorithm": marked("How concentrations are found."),
            "detection.density.share": marked("Which part of the false alerts that you accept is for concentrations."),
            "detection.density.eps_m": marked("Reports are near one another within so many metres ..."),
            "detection.density.eps_days": marked("... and so many days, the two weighed together."),
            "detection.density.min_reports": marked("The fewest reports in a concentration."),
            "detection.density.max_days": marked("Only reports of the last so many days take part."),
            "detection.density.recent_days": marked("A concentration is told only if a report came in within so many days."),
            "detection.density.history_days": marked("How many days of history count for concentrations."),
            "detection.density.replicates": marked("How many random orders of the dates a concentration is compared with."),
        },
    ),
    Section(
        "following",
        marked("Following patterns"),
        {
            "patterns.same_kind_overlap": marked(
                "Two findings of one kind are one pattern when they share this part of the smaller one’s reports."
            ),
            "patterns.other_kind_overlap": marked(
                "Two findings of different kinds are one pattern when they share this part of all their reports."
            ),
            "patterns.apart_from_reports": marked(
                "Fewer reports than this that lie mostly in a larger pattern are told with it."
            ),
            "patterns.region_overlap": marked("A pattern that comes back must share this part of its areas."),
            "patterns.quiet_after_days": marked("After so many days unseen, a pattern is quiet."),
            "patterns.back_within_days": marked("Seen again within so many days, it is the same pattern, back."),
            "patterns.community_back_within_days": marked("The same, in days, for a pattern of the whole municipality."),
            "patterns.renew_after_days": marked("A pattern that goes on for longer than so many days is told as a new one."),
        },
    ),
    Section(
        "telling",
        marked("What may be told"),
        {
            "disclosure.place_floor": marked("The fewest reports of which the municipality hears, for a place."),
            "disclosure.community_floor": marked(
                "The fewest reports of which the municipality hears where a community or ground is named."
            ),
            "disclosure.min_inhabitants": marked("An area with fewer inhabitants is told as the area around it."),
            "disclosure.max_areas": marked("More areas than this are told as the areas around them."),
            "disclosure.band_edges": marked("Where the ranges begin in which counts are told."),
            "disclosure.expected_steps": marked("Steps in which the usual number is told."),
            "disclosure.recurrence_steps_days": marked(
                "Steps, in days, in which it is told how often chance alone would do the same."
            ),
            "campaigns": marked("Outreach that raises reporting for a while."),
            "names.communities": marked("What communities are called on pages and in sentences."),
            "names.grounds": marked("What grounds are called, where not by their usual name."),
            "names.domains": marked("What domains are called, where not by their usual name."),
            "names.natures": marked("What natures of reports are called, where not by their usual name."),
        },
    ),
)
