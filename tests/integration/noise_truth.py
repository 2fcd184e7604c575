"""What each headline would be with a noise filter off, in pandas from the lake and the truth.

Which rows are noise says the truth, which customer an identifier belongs to the resolver: that is
proven elsewhere. The KPIs themselves are computed by `tests.integration.truth`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tests.integration.lake import PROJECT, Lake
from tests.integration.truth import DAY, Truth, adoption, monday, return_adoption, switches

FILTERS = ("duplicate", "bot", "test", "expired_session", "stale")
_PROPERTIES = ("setting_scope", "new_state")
_PERSON = ["customer_ref", "feature_id"]


@dataclass(frozen=True)
class Restated(Truth):
    """A truth whose tables also have the rows of some noise.

    Attributes:
        tables: By name; those of `Truth` are not read.
    """

    tables: Mapping[str, pd.DataFrame] | None = None

    def table(self, name: str) -> pd.DataFrame:
        """Give a restated table."""
        assert self.tables is not None
        return self.tables[name]


@dataclass(frozen=True)
class Noise:
    """The landed rows of one company, noise and all.

    Attributes:
        lake: What landed.
        truth: What is true of it.
        customers: The customer of each (identifier type, value).
    """

    lake: Lake
    truth: Truth
    customers: Mapping[tuple[str, str], str]

    def effect(self) -> pd.DataFrame:
        """Compute what `kpi_noise_effect_weekly` rests on.

        Returns:
            kpi_name, filter_name, week_start_date; numerator and denominator of both sides.
        """
        keys = ["kpi_name", "week_start_date"]
        published = self._sums({"kept"})
        frames = []
        for name in (*FILTERS, "all"):
            reasons = {"kept", *(FILTERS if name == "all" else (name,))}
            sums = self._sums(reasons).merge(
                published, how="left", on=keys, suffixes=("_without", "_with")
            )
            frames.append(sums.assign(filter_name=name))
        effect = pd.concat(frames, ignore_index=True)
        effect["numerator_with"] = effect["numerator_with"].fillna(0)
        is_rate = effect["denominator_without"].notna()
        effect["denominator_with"] = effect["denominator_with"].fillna(0).where(is_rate)
        return effect

    def _sums(self, reasons: set[str]) -> pd.DataFrame:
        """Compute every headline over the rows of some reasons."""
        events = self._events[self._events["expected_reason"].isin(reasons)]
        truth = Restated(
            self.truth.folder,
            self.truth.zone,
            self.truth.as_of,
            tables={
                "feature_events": events[events["insight_role"].notna()].dropna(subset=_PERSON),
                "settings": events[events["event_type"] == "personalisation_setting_changed"],
            },
        )
        weeks = adoption(truth).groupby("week_start_date")[
            ["interactions", "used", "exposed_enabled"]
        ]
        use = weeks.sum()
        returns = return_adoption(truth).groupby("cohort_week_start_date")
        back = returns[["returned", "first_time_users"]].sum().astype("int64")
        prompts = self._prompts(events, reasons)
        mails = self._mails[self._mails["expected_reason"].isin(reasons)]
        sent = mails.groupby("week_start_date")[["sent", "opened", "clicked"]].sum()
        parts = {
            "interaction_count": (use["interactions"], None),
            "adoption_rate": (use["used"], use["exposed_enabled"]),
            "return_adoption_rate": (back["returned"], back["first_time_users"]),
            "opt_out_hazard": _hazard(truth),
            "helpful_rate": (prompts["yes"], prompts["answers"]),
            "email_open_rate": (sent["opened"], sent["sent"]),
            "email_click_rate": (sent["clicked"], sent["sent"]),
        }
        frames = []
        for name, (numerator, denominator) in parts.items():
            frame = numerator.astype(float).rename("numerator").to_frame()
            frame["denominator"] = np.nan if denominator is None else denominator.astype(float)
            frames.append(frame.rename_axis("week_start_date").reset_index().assign(kpi_name=name))
        return pd.concat(frames)

    @cached_property
    def _events(self) -> pd.DataFrame:
        """Amplitude's events, with their customer and what their name means."""
        own = ["event_type", "user_id", "amplitude_id", "device_id", "feature_id", "prompt_id"]
        rows = self.lake.judged(
            "amplitude", "events", [*own, "session_origin", "event_properties"]
        ).rename(columns={"_event_at": "event_at"})
        roles = pd.read_csv(PROJECT / "seeds/event_taxonomy.csv").set_index("event_name")
        rows["insight_role"] = rows["event_type"].map(roles["insight_role"])
        rows["event_at"] = rows["event_at"].dt.tz_localize("UTC")
        rows["customer_ref"] = self._customer(
            rows["user_id"],
            ("profile_id", "amplitude:" + rows["amplitude_id"].astype("Int64").astype("string")),
        )
        changed = rows["event_type"] == "personalisation_setting_changed"
        said = rows["event_properties"].where(changed, "{}").fillna("{}").map(json.loads)
        for name in _PROPERTIES:
            rows[name] = said.str.get(name)
        return rows.rename(columns={"setting_scope": "scope"})

    def _customer(self, refs: pd.Series, weaker: tuple[str, pd.Series]) -> pd.Series:
        """Give the customer of each row by its own reference, else by a weaker identifier."""
        kind, values = weaker
        return pd.Series(
            [
                self.customers.get(("customer_ref", ref) if isinstance(ref, str) else (kind, value))
                for ref, value in zip(refs, values, strict=True)
            ],
            refs.index,
            "object",
        )

    @cached_property
    def _answers(self) -> pd.DataFrame:
        """Zigpoll's answers to the question under an insight, with the customer who gave them."""
        rows = self.lake.judged("zigpoll", "responses", ["id", "metadata", "answers"])
        said = rows["metadata"].map(json.loads)
        rows["prompt_id"], rows["customer_ref"] = (
            said.str.get("prompt_id"),
            said.str.get("customer_ref"),
        )
        rows = rows[(said.str.get("instrument") == "micro") & rows["prompt_id"].notna()]
        first = rows["answers"].map(lambda text: json.loads(text)[0])
        answer = first.map(lambda one: one.get("handle") or one.get("value") or one.get("title"))
        return rows.assign(
            answer=answer.str.lower(), answered_at=rows["_event_at"].dt.tz_localize("UTC")
        )

    def _prompts(self, events: pd.DataFrame, reasons: set[str]) -> pd.DataFrame:
        """Count answers by week of their question."""
        shown = events[events["event_type"] == "insight_feedback_prompted"]
        shown = shown.dropna(subset=["prompt_id", "customer_ref"])
        given = self._answers[self._answers["expected_reason"].isin(reasons)]
        # What else is said of a question, as that it does not concern one, is no answer to it.
        given = given[given["answer"].isin(["yes", "no"])]
        given = given.sort_values("answered_at").drop_duplicates("prompt_id", keep="last")
        asked = shown.groupby("prompt_id")["event_at"].min().rename("prompted_at")
        both = asked.to_frame().join(
            given.set_index("prompt_id")[["answer", "answered_at"]], how="outer"
        )
        both["prompted_at"] = both["prompted_at"].fillna(both["answered_at"])
        in_time = both["answered_at"] < both["prompted_at"] + 7 * DAY
        week = monday(self.truth.day(both["prompted_at"]))
        return (
            both.assign(
                week_start_date=week,
                yes=in_time & (both["answer"] == "yes"),
                answers=in_time,
            )
            .groupby("week_start_date")[["yes", "answers"]]
            .sum()
        )

    @cached_property
    def _mails(self) -> pd.DataFrame:
        """Braze's e-mails, by week."""
        rows = self.lake.judged("braze", "messages", ["event_type"])
        rows = rows[rows["event_type"].str.startswith("users.messages.email.")]
        kind = rows["event_type"].str.rpartition(".")[2]
        return rows.assign(
            week_start_date=monday(self.truth.day(rows["_event_at"].dt.tz_localize("UTC"))),
            sent=kind == "Send",
            opened=kind == "Open",
            clicked=kind == "Click",
        )


def _hazard(truth: Truth) -> tuple[pd.Series, pd.Series]:
    """Count first opt-outs, and the days on which people could opt out, by week."""
    met = truth.table("feature_events").groupby(_PERSON)["event_at"].min().rename("met_at")
    changes = switches(truth)
    off = changes[~changes["is_on"]].groupby(_PERSON)["event_at"].min().rename("off_at")
    people = met.to_frame().join(off).reset_index()
    people = people[people["off_at"].isna() | (people["off_at"] >= people["met_at"])]
    met_day, off_day = truth.day(people["met_at"]), truth.day(people["off_at"])
    last = off_day.where(off_day < truth.today, truth.today - DAY)
    span: Callable[[pd.Timestamp, pd.Timestamp], pd.DatetimeIndex] = pd.date_range
    days = (
        pd.Series(
            [span(first + DAY, end) for first, end in zip(met_day, last, strict=True)], people.index
        )
        .explode()
        .dropna()
    )
    weeks = monday(pd.to_datetime(days))
    left = days[(days == off_day.reindex(days.index)).to_numpy()]
    at_risk = weeks.groupby(weeks).size()
    opted_out = monday(pd.to_datetime(left)).value_counts().reindex(at_risk.index, fill_value=0)
    return opted_out, at_risk
