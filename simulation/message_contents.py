"""What messages say: offers that exclude each other, and an insight's words sent once more."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageContent:
    """One text of the company's messages.

    Args:
        content_id: Its name in the taxonomy.
        topic: What it is about.
        conflict_group: Of two contents of a group nobody should hear both; None = goes with all.
        offer_id: What it offers, None for news.
        share: How often a message with a content has it.
    """

    content_id: str
    topic: str
    conflict_group: str | None
    offer_id: str | None
    share: float


MESSAGE_CONTENTS = (
    MessageContent("ct_loan_fixed_rate", "borrowing", "cg_loan_rate", "of_loan_fixed", 0.2),
    MessageContent("ct_loan_variable_rate", "borrowing", "cg_loan_rate", "of_loan_variable", 0.2),
    MessageContent("ct_savings_boost", "saving", "cg_idle_money", "of_savings_boost", 0.2),
    MessageContent("ct_invest_idle_money", "investing", "cg_idle_money", "of_invest", 0.15),
    MessageContent("ct_budget_news", "spending", None, None, 0.15),
    # An insight of the app, whose words a campaign repeats.
    MessageContent("ct_rate_drop_offer_1", "borrowing", "cg_borrowing", None, 0.1),
)
# What the taxonomy has because of the messages alone.
OWN_CONTENTS = MESSAGE_CONTENTS[:-1]
# By content: another of its group.
CONTRARY = (1, 0, 3, 2)
