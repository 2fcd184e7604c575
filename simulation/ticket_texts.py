"""What customers write to support and on leaving a feature, by what it is about.

Each text is put together from a core and, at times, an opening, an ending and a slip of the keys,
so that few are alike. How the pipeline finds themes in texts is unknown here.
"""

import numpy as np

from simulation.randomness import Ints, chance

THEMES = ("invasive", "unwanted", "noisy", "misleading", "other")
INVASIVE, UNWANTED, NOISY, MISLEADING, OTHER = range(5)

_OPENINGS = (
    "Hello,",
    "Hi there,",
    "Good morning,",
    "I have been with you for {years} years.",
    "Second time I am writing about this.",
    "Quick question.",
)
_ENDINGS = (
    "Thanks.",
    "Please get back to me.",
    "Regards",
    "I expect an answer this week.",
    "My phone is fairly new, in case that matters.",
    "Not sure where else to write.",
)
_CORES: dict[int, tuple[tuple[str, str], ...]] = {
    INVASIVE: (
        ("How does the app know this?", "It commented on {purchase} an hour after I paid for it."),
        ("Privacy", "Why do you know what I spend on {purchase}? I never told anybody."),
        ("This feels creepy", "Your assistant talks about {purchase} as if it were watching me."),
        ("Who reads my transactions?", "A message mentioned {purchase}. That is my private life."),
        ("Data use", "I find it intrusive that the app analyses {purchase} and writes about it."),
        ("too personal", "the app seems to be tracking where i shop, it brought up {purchase}"),
        ("How did you find out?", "You knew about {purchase} before I told my own family."),
        ("Am I being watched", "Every time I pay for {purchase} the app has something to say."),
        ("Uncomfortable", "I am not at ease with a bank looking through {purchase}."),
        (
            "My salary",
            "The insight named the day my salary arrives. How much do you know about me?",
        ),
        ("Personal", "Nobody but my sister was told of {purchase}, then your app asks about it."),
        (
            "Is a machine reading this?",
            "I pay for {purchase} and minutes later there is a message.",
        ),
    ),
    UNWANTED: (
        ("How do I stop the recommendations?", "I looked in {place} and cannot find the switch."),
        ("Turn this off", "How can I disable the personalised tips? I searched {place}."),
        ("No more suggestions please", "I would like to opt out of the coaching altogether."),
        ("Switch off insights", "Where is the setting to remove the insights from {place}?"),
        ("unsubscribe", "take me off the personal offers, i want the plain app back"),
        ("Deactivate the coach", "I do not want recommendations in {place} any longer."),
        ("Opting out", "Can you end the personalisation for my account? I did not find it."),
        ("Get rid of the tips", "The tips in {place} should go. What do I have to press?"),
        ("Make it stop", "I keep closing the suggestion in {place} and want it gone for good."),
        ("Personal advice", "Is it possible to use the app without any recommendations?"),
        ("The coach", "Off with it, please. I looked in {place}."),
    ),
    NOISY: (
        ("Advice I didn't ask for", "I get {many} tips and never requested one."),
        ("Too many notifications", "Since {when} I receive {many} suggestions."),
        ("Please slow down", "{many} nudges is too much, I only want to see my balance."),
        ("Constant interruptions", "The app interrupts me with advice every time I open it."),
        ("spam", "your insights are spam, {many} since {when}"),
        ("Overwhelmed", "There are so many recommendations that I miss the important messages."),
        ("Unrequested tips", "Nobody asked for these tips. They come {many}."),
        ("Again and again", "The same suggestion pops up again and again since {when}."),
        ("Less of this", "Could I have fewer hints? {many} is more than my friends write me."),
        ("Bombarded", "Since {when} I am bombarded with pointless pieces of advice."),
        ("A word about your tips", "They come thick and fast since {when}."),
    ),
    MISLEADING: (
        ("The tip was wrong", "It promised a saving of {sum} that does not exist."),
        ("Wrong recommendation", "The app said I could afford it and I went overdrawn by {sum}."),
        ("Misleading offer", "The rate in the insight is not the rate I got. {sum} difference."),
        ("Incorrect advice", "Your coach told me my rent had gone up, which is not true."),
        ("Your insight does not add up", "It shows {sum} for groceries, the real figure is half."),
        ("I was misled", "I followed the suggestion and paid {sum} in fees nobody mentioned."),
        ("False promise", "the tip claimed i would save {sum}, nothing of the kind happened"),
        ("Bad suggestion", "The recommended loan costs {sum} more than the one I have."),
        ("Inaccurate forecast", "The prediction for my account was off by {sum}."),
        ("This makes no sense", "The assistant advises me to save {sum} that I do not have."),
        ("About your forecast", "I trusted it and my payment of {sum} was returned."),
        (
            "The bonus",
            "According to the app I qualify for {sum}, according to the branch I do not.",
        ),
    ),
    OTHER: (
        ("Card declined", "My card was declined at {shop} although there is money on it."),
        ("Transfer missing", "A transfer of {sum} from {when} has not arrived."),
        ("Change of address", "I moved on {when} and need to update my address."),
        ("Cannot log in", "The code does not arrive on my phone since {when}."),
        ("Question about fees", "What is the fee of {sum} on my statement?"),
        ("Statement request", "I need a statement for last year, including {purchase}."),
        ("Lost card", "I lost my card near {shop}. Please block it and send another."),
        ("Direct debit", "How do I cancel the direct debit of {shop}?"),
        ("Refund", "{shop} refunded {sum} on {when} and I do not see it."),
        ("Exchange rate", "Which rate applies when I pay at {shop} abroad?"),
        ("New phone", "I have a new phone. How do I move the app to it?"),
        ("Loan repayment", "Can I repay {sum} of my loan early?"),
        ("Joint account", "My partner should see the account too. What do you need from us?"),
        ("Fraud", "There is a payment of {sum} to {shop} that I did not make."),
        ("Savings goal", "I reached my goal. How do I move the {sum} to my account?"),
        ("Limit", "Please raise the daily limit of my card to {sum}."),
    ),
}
_FILLINGS = {
    "purchase": (
        "a pregnancy test",
        "my gym",
        "the pharmacy",
        "a birthday present",
        "my therapist",
        "restaurants",
        "a flight to Lisbon",
        "the vet",
    ),
    "place": ("the settings", "the home screen", "my profile", "the menu", "the savings page"),
    "many": ("five a day", "several an hour", "one every morning", "dozens a week", "ten a day"),
    "when": ("Monday", "yesterday", "last week", "the update", "the start of the month"),
    "sum": ("40 euros", "€12.50", "300 euro", "some 90 €", "1,200 EUR"),
    "shop": ("the supermarket", "a petrol station", "the rail company", "an online shop"),
    "years": ("two", "six", "eleven"),
}
# What people write on leaving a feature, with what it is about.
EXIT_TEXTS = (
    ("Too many suggestions", NOISY),
    ("It knows too much about my spending", INVASIVE),
    ("The advice was wrong for me", MISLEADING),
    ("I prefer to decide by myself", OTHER),
    ("I did not understand why I got these", OTHER),
)


def write_tickets(rng: np.random.Generator, theme: Ints) -> list[tuple[str, str]]:
    """Write a ticket of each theme.

    Args:
        rng: Source of chance.
        theme: Code of each ticket's theme.

    Returns:
        Subject and body of each.
    """
    count = len(theme)
    drawn = rng.integers(0, 2**31, (count, len(_FILLINGS) + 3)).tolist()
    opens, ends = chance(rng, 0.35, count).tolist(), chance(rng, 0.35, count).tolist()
    slips = chance(rng, 0.1, count).tolist()
    out = []
    for place, code in enumerate(theme.tolist()):
        core, opening, ending, *rest = drawn[place]
        filling = {
            name: options[number % len(options)]
            for (name, options), number in zip(_FILLINGS.items(), rest, strict=True)
        }
        subject, body = _CORES[code][core % len(_CORES[code])]
        parts = [
            *([_OPENINGS[opening % len(_OPENINGS)]] if opens[place] else []),
            body[0].upper() + body[1:] if opens[place] else body,
            *([_ENDINGS[ending % len(_ENDINGS)]] if ends[place] else []),
        ]
        text = " ".join(parts).format(**filling)
        out.append((subject, text.lower().replace("'", "") if slips[place] else text))
    return out
