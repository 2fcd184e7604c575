"""Which values of the sample company have a standard form, in pandas from lake and seeds."""

import numpy as np
import pandas as pd
import phonenumbers

from tests.integration.lake import BATCH, PROJECT, Lake

_CHAIN = r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}"
_ADDRESS = r"[-.%a-zA-Z0-9]{1,128}"
_SHAPES = {
    "email": [r"[^@]+@[^@]+\.[^@.]+"],
    # CAIP-10, and its older form.
    "wallet": [f"{_CHAIN}:{_ADDRESS}", f"{_ADDRESS}@{_CHAIN}"],
}
# What of the sample company's rows has a standard form: source, table, field, column of the lake,
# and where the value stands in it.
STANDARDISED = (
    ("amplitude", "events", "country", "country", "(.*)"),
    ("amplitude", "events", "currency", "currency_code", "(.*)"),
    ("amplitude", "events", "timezone", "timezone", "(.*)"),
    ("amplitude", "events", "event_name", "event_type", "(.*)"),
    ("braze", "messages", "channel", "event_type", r"^users\.messages\.(\w+)"),
    ("braze", "messages", "timezone", "timezone", "(.*)"),
    ("braze", "messages", "email", "email_address", "(.*)"),
    ("braze", "messages", "phone", "to_phone_number", "(.*)"),
    ("braze", "subscription_changes", "channel", "channel", "(.*)"),
    ("core_banking", "account_wallets", "wallet", "caip10", "(.*)"),
    ("core_banking", "customers", "country", "country", "(.*)"),
    ("core_banking", "customers", "timezone", "timezone", "(.*)"),
    ("core_banking", "customers", "lifecycle_stage", "lifecycle_stage", "(.*)"),
    ("core_banking", "customers", "risk_segment", "risk_segment", "(.*)"),
    ("core_banking", "customers", "email", "email", "(.*)"),
    ("core_banking", "customers", "phone", "phone", "(.*)"),
    ("core_banking", "ledger_entries", "country", "country", "(.*)"),
    ("core_banking", "ledger_entries", "currency", "currency", "(.*)"),
    ("core_banking", "orders", "currency", "currency", "(.*)"),
    ("core_banking", "savings_goals", "currency", "currency", "(.*)"),
    ("crm", "contacts", "email", "email", "(.*)"),
    ("crm", "contacts", "phone", "phone", "(.*)"),
    ("crm", "spend", "currency", "currency", "(.*)"),
    ("decisioning", "decisions", "channel", "channel", "(.*)"),
    ("decisioning", "decisions", "lifecycle_stage", "asserted_lifecycle_stage", "(.*)"),
    ("decisioning", "decisions", "risk_segment", "asserted_risk_segment", "(.*)"),
    ("segment", "identifies", "email", "email", "(.*)"),
    ("segment", "identifies", "phone", "phone", "(.*)"),
    ("segment", "tracks", "timezone", "context_timezone", "(.*)"),
    ("segment", "tracks", "event_name", "event", "(.*)"),
    ("sumsub", "applicant_events", "country", "level_name", r"^(\w\w)-"),
    ("wallets", "wallet_links", "wallet", "wallet", "(.*)"),
    ("zendesk", "tickets", "channel", "via", r'"channel": ?"([^"]*)"'),
    ("zigpoll", "responses", "email", "metadata", r'"email": ?"([^"]*)"'),
)


def standardised_values(lake: Lake) -> pd.DataFrame:
    """Count values of standardised fields, per batch: `values`, and those `unmapped`."""
    listed = pd.read_csv(PROJECT / "seeds/standard_values.csv", dtype=str, keep_default_na=False)
    spellings = {name: set(rows["raw_value"]) for name, rows in listed.groupby("field")}
    countries = listed[listed["field"] == "country"].set_index("raw_value")["standard_value"]
    names = set(pd.read_csv(PROJECT / "seeds/event_taxonomy.csv")["event_name"])
    frames = []
    for source, table, field, column, place in STANDARDISED:
        with_country = ["country"] if (table, field) == ("customers", "phone") else []
        rows = lake.rows(source, table, [column, *with_country])
        rows["said"] = rows[column].str.extract(place, expand=False).str.strip()
        rows = rows[rows["said"].fillna("") != ""]
        said = rows["said"]
        if field == "phone":
            lands = rows[with_country[0]].str.strip().str.lower() if with_country else None
            regions = ["ES"] * len(rows) if lands is None else lands.map(countries).tolist()
            is_mapped = [_is_phone(one, region) for one, region in zip(said, regions, strict=True)]
        elif field in _SHAPES:
            is_mapped = said.str.fullmatch("|".join(_SHAPES[field])).tolist()
        elif field == "event_name":
            is_mapped = rows[column].isin(names).tolist()
        else:
            is_mapped = said.str.lower().isin(spellings[field]).tolist()
        frames.append(
            rows[["received_date"]].assign(
                source_name=source,
                table_name=table,
                values=1,
                unmapped=~np.array(is_mapped, dtype=bool),
            )
        )
    return pd.concat(frames).groupby(BATCH)[["values", "unmapped"]].sum()


def _is_phone(text: str, region: str) -> bool:
    digits = "".join(letter for letter in text if letter in "+0123456789")
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
