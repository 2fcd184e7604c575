"""How the same thing is written by different hands; what it is stays in the truth."""

import numpy as np

from simulation.randomness import Array, chance

# Other ways to write a word of a list that a form offers.
WORDS: dict[str, tuple[str, ...]] = {
    "ES": ("España", "Spain", "ESP", "es"),
    "PT": ("Portugal", "PRT"),
    "GB": ("UK", "United Kingdom", "gbr"),
    "onboarding": ("Onboarding", "NEW"),
    "active": ("Active", "ACTIVE "),
    "engaged": ("Engaged", "power_user"),
    "closed": ("Closed",),
    "low": ("Low", "L"),
    "medium": ("MEDIUM", "med"),
    "high": ("High", "H"),
}
_SHARE = 0.2


def words(rng: np.random.Generator, values: Array) -> Array:
    """Write some of the words in another way; those without one stay."""
    drawn, which = chance(rng, _SHARE, len(values)), rng.integers(0, 60, len(values))
    return np.array(
        [
            WORDS[word][turn % len(WORDS[word])] if is_other and word in WORDS else word
            for word, is_other, turn in zip(values, drawn, which, strict=True)
        ],
        dtype=object,
    )


def mailboxes(rng: np.random.Generator, values: Array) -> Array:
    """Write some addresses as a person does who starts every word with a capital."""
    drawn = chance(rng, _SHARE, len(values))
    return np.array(
        [
            f"{one.title()} " if is_other else one
            for one, is_other in zip(values, drawn, strict=True)
        ],
        dtype=object,
    )


def phones(rng: np.random.Generator, values: Array, countries: Array) -> Array:
    """Write some numbers of a country's own as at home, or with the digits to dial abroad."""
    drawn, which = chance(rng, _SHARE, len(values)), rng.integers(0, 3, len(values))
    is_other = drawn & (countries == "ES")
    return np.array(
        [
            _phone(number, turn) if other and number.startswith("+34") else number
            for number, other, turn in zip(values, is_other, which, strict=True)
        ],
        dtype=object,
    )


def _phone(number: str, turn: int) -> str:
    own = number.removeprefix("+34")
    spaced = f"{own[:3]} {own[3:6]} {own[6:]}"
    return (spaced, f"0034 {spaced}", f"(+34) {own[:3]}-{own[3:]}")[turn]
