"""A lake of product events as landing leaves it, without the way through the vendor's files."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.columns import row_columns
from ingestion.contracts import TableContract, load_contracts
from ingestion.digests import key_digests_sql
from ingestion.lake import ROW_ID_LINES, table_folder
from ingestion.sql import identifier, literal
from ingestion.writing import PartitionWriter
from simulation.user_agents import BROWSERS, MACHINES

FIRST_DAY = date(2026, 1, 1)
DAYS = 60
AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
"""The end of the last day."""

SESSION_EVENTS = 8
_ORIGINAL_SHARE = 0.7
_DEVICE_ROWS = 600


def write_lake(lake: Path, *, rows: int) -> None:
    """Write about so many events, 30 % of them copies or retries, and the customers named.

    Four in ten copies come a day or two after their original. Some devices are machines by name,
    some by their haste; some events are marked as tests, came after their session's end, or belong
    to a session that never ends; some customers are test customers.

    Args:
        lake: Root of the lake to write.
        rows: Received events.
    """
    contracts = load_contracts()
    events = contracts["amplitude"].tables["events"]
    customers = contracts["core_banking"].tables["customers"]
    per_day = int(rows * _ORIGINAL_SHARE / DAYS)
    devices = max(rows // _DEVICE_ROWS, 20)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        # As landing does: else a digest would leave the engine as text.
        connection.execute("set arrow_lossless_conversion = true")
        for day in range(DAYS):
            sql = _day_of_events(day, per_day=per_day, devices=devices)
            _write(connection, lake, events, sql, day=day)
        _write(connection, lake, customers, _customers(devices), day=0)


def _write(
    connection: duckdb.DuckDBPyConnection, lake: Path, table: TableContract, sql: str, *, day: int
) -> None:
    """Write one day's rows as a landing of one file would."""
    connection.execute(f"create or replace temp table told as {sql}")
    found = {name for name, *_ in connection.execute("describe told").fetchall()}
    digests = key_digests_sql(table)
    number = day + 1
    made = {
        "_row_id": f"{number} * {ROW_ID_LINES} + row_number() over (order by place, content)",
        "_file_no": str(number),
        "_line": "row_number() over (order by place, content)",
        "_event_at": identifier(table.event_at),
        "_missing_expected_count": "0",
        "_content_digest": "cast(md5(content) as uuid)",
        **digests,
    }
    columns = ", ".join(
        f"cast({made.get(name) or (identifier(name) if name in found else 'null')} as {type_}) "
        f"as {identifier(name)}"
        for name, type_ in row_columns(table).items()
    )
    received = literal((FIRST_DAY + timedelta(days=day)).isoformat())
    typed = ", ".join(
        f"cast(null as {field.lake_type}) as {identifier(name)}"
        for name, field in table.fields.items()
        if name not in found
    )
    rows: pa.Table = connection.sql(
        f"select date {received} as received_date, {columns} "
        f"from (select *{', ' + typed if typed else ''} from told) order by _row_id"
    ).to_arrow_table()
    folder = table_folder(lake, table.source, table.name)
    writer = PartitionWriter(number)
    writer.write(folder, rows)
    writer.finish()


def _day_of_events(day: int, *, per_day: int, devices: int) -> str:
    lowest, highest = day * per_day, (day + 1) * per_day
    start = f"timestamp '{FIRST_DAY + timedelta(days=day)}'"
    # i numbers the originals of all days.
    return f"""
    with arrivals as (
        select range as i, 'original' as kind from range({lowest}, {highest})
        union all
        select range, 'copy' from range({max(0, lowest - 2 * per_day)}, {highest})
        where {_draw("range", 1, 1000)} < 340 and range // {per_day} + {_late("range", 2)} = {day}
        union all
        select range, 'copy' from range({max(0, lowest - 2 * per_day)}, {highest})
        where {_draw("range", 4, 1000)} < 58 and range // {per_day} + {_late("range", 5)} = {day}
        union all
        select range, 'retry' from range({lowest}, {highest})
        where {_draw("range", 7, 1000)} < 34
    ),
    sessions as (
        select
            i, kind, i // {SESSION_EVENTS} as session, i % {SESSION_EVENTS} as step,
            i // {per_day} as event_day,
            {_draw(f"i // {SESSION_EVENTS}", 8, 1000)} < 4 as is_hasty
        from arrivals
    ),
    placed as (
        select
            *,
            case when is_hasty then session % 3 else 3 + {_draw("session", 9, devices)} end
                as device,
            case when is_hasty then 43200 else {_draw("session", 10, 84000)} end as second
        from sessions
    ),
    timed as (
        select
            *,
            timestamp '{FIRST_DAY}' + to_seconds(
                event_day * 86400 + second + case when is_hasty then step else step * 12 end
            ) + to_microseconds({_draw("i", 11, 1_000_000)}) as event_at,
            timestamp '{FIRST_DAY}' + to_seconds(event_day * 86400 + second) as began_at,
            is_hasty or device % 10 < 3 as is_web
        from placed
    ),
    told as (
        select
            *,
            case
                when is_web and not is_hasty and device % 100 = 1
                    then {_choice(MACHINES, "device // 100")}
                when is_web then {_choice(BROWSERS, "device")}
            end as user_agent,
            case when device % 3 > 0 then 'cu_' || device // 2 end as user_id,
            began_at + case when {_draw("i", 12, 1000)} < 5 then interval 0 minute
                else interval 30 minute end as session_expires_at,
            case device % 501
                when 7 then began_at - to_seconds(second) else began_at
            end as session_began_at,
            'screen_' || {_draw("i", 13, 40)} as target_id,
            'feature_' || {_draw("i", 14, 12)} as feature_id,
            'in_' || {_draw("i", 15, 5_000_000)} as insight_id,
            device % 97 = 5 as is_test
        from timed
    )
    select
        i + case kind when 'original' then 0 when 'retry' then 1 else 2 end as place,
        i || kind as content,
        'u-' || i || kind || {day} as uuid,
        md5(i || case when kind = 'retry' then 'r' else '' end) as insert_id,
        1 as app, 1000000000 + device as amplitude_id, user_id,
        'dev-' || md5(cast(device as varchar)) as device_id,
        epoch_ms(session_began_at) as session_id, i as event_id,
        'Event ' || {_draw("i", 16, 24)} as event_type,
        event_at as event_time, event_at as client_event_time, event_at as client_upload_time,
        {_received(start)} as _received_at,
        {_received(start)} as server_received_time, {_received(start)} as server_upload_time,
        case when is_web then 'Web' when device % 10 < 7 then 'iOS' else 'Android' end as platform,
        'OS' as os_name, '4.2.0' as version_name, 'amplitude-ts/2' as library,
        '10.' || device % 250 || '.' || device // 250 % 250 || '.1' as ip_address,
        'ES' as country, 'Madrid' as city, 'Spanish' as language,
        'direct' as session_origin, session_expires_at, user_agent, 'Europe/Madrid' as timezone,
        target_id, feature_id, insight_id, is_test,
        '{{"session_origin": "direct", "session_expires_at": "' || session_expires_at
            || coalesce('", "user_agent": "' || user_agent, '') || '", "timezone": "Europe/Madrid"'
            || ', "target_id": "' || target_id || '", "feature_id": "' || feature_id
            || '", "insight_id": "' || insight_id || '"}}' as event_properties
    from told
    """


def _received(start: str) -> str:
    # Copies come in the last ten minutes of their day, when no original is left to come.
    return f"""
    case kind
        when 'copy' then {start} + to_seconds(85800 + {_draw("i", 17, 600)})
        when 'retry' then event_at + to_seconds(60 + {_draw("i", 18, 40)})
        else event_at + to_seconds(3 + {_draw("i", 19, 47)})
    end
    """


def _customers(devices: int) -> str:
    return f"""
    select
        range as place, cast(range as varchar) as content, 'cu_' || range as customer_id,
        'c' || range || '@example.com' as email, 'ES' as country, false as is_staff,
        range % 200 = 3 as is_test, timestamp '2025-01-01' as signed_up_at,
        timestamp '2025-12-31' as updated_at, timestamp '{FIRST_DAY}' as _received_at
    from range({devices // 2 + 3})
    """


def _draw(key: str, stream: int, most: int) -> str:
    """Return SQL of a number below `most`, the same for the same key."""
    return f"cast(hash({key}, {stream}) % {most} as bigint)"


def _late(key: str, stream: int) -> str:
    return f"greatest({_draw(key, stream, 5)} - 2, 0)"


def _choice(texts: tuple[str, ...], number: str) -> str:
    listed = ", ".join(literal(text) for text in texts)
    return f"list_extract([{listed}], cast({number} % {len(texts)} as bigint) + 1)"
