"""Check-ins and surveys that come by themselves: which there are, and how a structure chooses them.

None does by default. `checkins` and `surveys` of a structure hold what is on: a weekday for what
comes each week, true for the rest.
"""

from collections.abc import Mapping
from typing import Any, Final

from records.errors import Refused

SCRIPTS: Final = {
    "mood": "humeur",
    "week": "semaine",
    "objective": "objectif",  # every other week, to whoever has one
    "before": "avant-rdv",
    "after": "apres-rdv",
}
WEEKLY: Final = ("mood", "week", "objective")
SURVEYS: Final = {"satisfaction": "satisfaction", "meeting": "avis-rdv", "end": "avis-fin"}
CHECKIN, SURVEY_AGAIN = "checkin:", "survey-reminder:"  # how the keys of their messages begin


def check(values: Mapping[str, Any]) -> None:
    """Refuse a setting that nothing could be planned by."""
    for name, given in values.get("checkins", {}).items():
        on = isinstance(given, bool)
        if name not in SCRIPTS or on == (name in WEEKLY) or given not in range(1, 8):
            raise Refused("checkin_unknown", names=", ".join(SCRIPTS))
    for name, given in values.get("surveys", {}).items():
        if name not in SURVEYS or given is not True:
            raise Refused("survey_unknown", names=", ".join(SURVEYS))
