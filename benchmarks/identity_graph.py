"""A generated identity graph, in Parquet, of the shape that a fintech's has.

People have one to six devices (few have many), an account, a mailbox, a number, a contact record,
some a second record; families of up to four share a mailbox and a tablet; every 200th person's
number was somebody else's before; every 50th signs in at a kiosk; one mailbox and one device are
everybody's.
"""

from datetime import date
from pathlib import Path

from warehouse import connect

EDGES_PER_PERSON = 8.6
"""Roughly, so that a size can be asked for in edges."""

_START = date(2025, 1, 1)

_PEOPLE = """
    create temporary table people as
    select
        person,
        1 + cast(floor(5 * power(hash_number(person, 1) % 1000 / 1000.0, 3)) as integer)
            as devices,
        person // 4 as family,
        hash_number(person, 2) % 10 < 3 as is_family,
        hash_number(person, 3) % 12 = 0 as has_second_record,
        timestamp '{start}' + to_hours(cast(hash_number(person, 4) % 8000 as integer)) as seen_at
    from range({first}, {last}) as numbered(person)
"""
_LINKS = """
    create temporary table links as
    select 'customer_ref:' || person as one, 'account_id:' || person as other, seen_at from people
    union all
    select 'customer_ref:' || person, 'email:' || person, seen_at from people where not is_family
    union all
    select 'customer_ref:' || person, 'email:family' || family, seen_at from people where is_family
    union all
    select 'customer_ref:' || person, 'phone:' || person, seen_at from people
    union all
    select 'customer_ref:' || person, 'phone:' || (person // 200 * 7), seen_at
    from people where person % 200 = 0
    union all
    select 'contact_id:' || person, 'email:' || person, seen_at from people
    union all
    select 'contact_id:' || person, 'phone:' || person, seen_at from people
    union all
    select 'customer_ref:second' || person, 'email:' || person, seen_at
    from people where has_second_record
    union all
    select
        'customer_ref:' || person, 'device_id:' || person || '-' || unnest(range(devices)), seen_at
    from people
    union all
    select 'device_id:' || person || '-0', 'anonymous_id:' || person, seen_at from people
    union all
    select 'device_id:' || person || '-0', 'anonymous_id:later' || person, seen_at
    from people where person % 2 = 0
    union all
    select 'customer_ref:' || person, 'device_id:tablet' || family, seen_at
    from people where is_family
    union all
    select 'customer_ref:' || person, 'device_id:kiosk' || (person % 997), seen_at
    from people where person % 50 = 0
    union all
    select 'customer_ref:' || person, 'email:everybody', seen_at
    from people where person % 20 = 0
    union all
    select 'customer_ref:' || person, 'device_id:everybody', seen_at
    from people where person % 20 = 1
"""
_TIERS = """
    case
        when {type} in ('customer_ref', 'account_id', 'contact_id') then 'strong'
        when {type} in ('email', 'phone') then 'medium'
        else 'weak'
    end
"""
_EDGES = f"""
    select
        least(md5(one), md5(other)) as left_identifier_key,
        greatest(md5(one), md5(other)) as right_identifier_key,
        {_TIERS.format(type="split_part(other, ':', 1)")} as tier,
        min(seen_at) as first_seen_at
    from links
    group by one, other
"""
_IDENTIFIERS = f"""
    select
        md5(identifier) as identifier_key,
        split_part(identifier, ':', 1) as identifier_type,
        {_TIERS.format(type="split_part(identifier, ':', 1)")} as tier,
        case split_part(identifier, ':', 1) when 'email' then 8 when 'phone' then 4 else 1 end
            as max_holders,
        false as is_blocked,
        min(seen_at) as first_seen_at
    from (
        select one as identifier, seen_at from links
        union all
        select other as identifier, seen_at from links
    )
    group by identifier
"""
_GUARDS = """
    select
        md5('customer_ref:' || person) as identifier_key,
        'kyc_applicant' as guard_type,
        'applicant' || person as guard_value,
        true as is_verified
    from people
    where hash_number(person, 5) % 10 < 7
    union all
    select
        md5('customer_ref:' || person) as identifier_key,
        'date_of_birth' as guard_type,
        cast(hash_number(person, 6) % 20000 as varchar) as guard_value,
        true as is_verified
    from people
    union all
    select
        md5('contact_id:' || person) as identifier_key,
        'date_of_birth' as guard_type,
        -- Typed in, every 30th with a slip.
        cast(hash_number(person, 6 + cast(person % 30 = 0 as integer)) % 20000 as varchar)
            as guard_value,
        false as is_verified
    from people
"""


def generate(folder: Path, *, edges: int, first: int = 0) -> int:
    """Write `identifiers.parquet`, `edges.parquet` and `guards.parquet`.

    Args:
        folder: Where they go.
        edges: How many edges, roughly.
        first: Number of the first person, so that later ones can be written apart.

    Returns:
        How many people there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    people = max(1, round(edges / EDGES_PER_PERSON))
    with connect(None) as connection:
        connection.execute(
            "create macro hash_number(number, salt) as "
            "md5_number_lower(number || ':' || salt) % 1000000007"
        )
        connection.execute(_PEOPLE.format(start=_START, first=first, last=first + people))
        connection.execute(_LINKS)
        for name, sql in (
            ("edges", _EDGES),
            ("identifiers", _IDENTIFIERS),
            ("guards", _GUARDS),
        ):
            target = folder / f"{name}.parquet"
            connection.execute(f"copy ({sql}) to '{target}' (format parquet, compression zstd)")
    return people
