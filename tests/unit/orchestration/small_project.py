"""A dbt project with one model a stage, to run the graph in seconds."""

from pathlib import Path

_DIALECT = Path(__file__).parents[3] / "macros" / "dialect.sql"
FILES = {
    "dbt_project.yml": """
name: trustlift
version: "0.1"
profile: trustlift
flags: {send_anonymous_usage_stats: false}
vars: {as_of: "", timezone: UTC, broken: false}
seeds: {+schema: seeds}
models:
  trustlift:
    staging: {+schema: staging, +materialized: view}
    identity: {+schema: identity, +materialized: table}
    hygiene: {+schema: hygiene, +materialized: table}
    core: {+schema: core, +materialized: table}
    marts: {+schema: marts, +materialized: table, sums: {+tags: [sums]}}
""",
    "profiles.yml": """
trustlift:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TRUSTLIFT_WAREHOUSE') }}", schema: main, threads: 1}
""",
    "macros/dialect.sql": _DIALECT.read_text(encoding="utf-8"),
    "seeds/rules.csv": "rule\nnone\n",
    "models/sources.yml": """
version: 2
sources:
  - {name: raw, tables: [{name: amplitude__events}]}
  - {name: user_agents, tables: [{name: classified}]}
  - {name: standardiser, tables: [{name: phone_numbers}]}
  - {name: resolver, tables: [{name: identifier_customers}]}
  - {name: gates, tables: [{name: results}]}
  - {name: inference, tables: [{name: clustered_ratios}]}
  - {name: verdicts, tables: [{name: weekly}, {name: history}]}
models:
  - name: fct_events
    columns:
      - name: row_id
        data_tests:
          - not_null
          - relationships: {arguments: {to: ref('stg_events'), field: row_id}}
  - name: kpi_events
    config: {meta: {owner: product-analytics, primary_key: [event_count]}}
""",
    "models/staging/stg_events.sql": "select * from {{ source('raw', 'amplitude__events') }}",
    "models/staging/stg_web_user_agents.sql": "select 'x' as ua from {{ ref('stg_events') }}",
    "models/staging/stg_phone_numbers.sql": "select '1' as phone from {{ ref('stg_events') }}",
    "models/identity/identity_identifiers.sql": """
select stg_events.row_id
from {{ ref('stg_events') }} as stg_events
cross join {{ source('standardiser', 'phone_numbers') }} as phone_numbers
""",
    "models/identity/identity_contact_records.sql": "select * from {{ ref('stg_events') }}",
    "models/identity/identity_training_records.sql": "select * from {{ ref('stg_events') }}",
    "models/identity/identity_edges.sql": "select * from {{ ref('stg_events') }}",
    "models/identity/identity_guards.sql": "select * from {{ ref('stg_events') }}",
    "models/hygiene/hygiene_verdicts.sql": """
select stg_events.row_id
from {{ ref('stg_events') }} as stg_events
inner join {{ source('user_agents', 'classified') }} as classified using (row_id)
inner join {{ source('resolver', 'identifier_customers') }} as customers using (row_id)
""",
    "models/core/fct_events.sql": """
select case when '{{ var("broken") }}' = 'True' then null else row_id end as row_id
from {{ ref('hygiene_verdicts') }}
""",
    "models/marts/sums/sums_clustered_ratios.sql": "select 1 as x from {{ ref('fct_events') }}",
    "models/marts/kpi_events.sql": """
select count(*) as event_count, '{{ var("as_of") }}' as as_of
from {{ ref('fct_events') }}
inner join {{ source('gates', 'results') }} using (row_id)
inner join {{ source('inference', 'clustered_ratios') }} using (row_id)
inner join {{ source('verdicts', 'weekly') }} using (row_id)
""",
    "tests/assert_marts_and_facts_agree.sql": """
select 1 from {{ ref('fct_events') }} cross join {{ ref('kpi_events') }} where event_count < 1
""",
}


def write_small_project(folder: Path) -> Path:
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.strip() + "\n")
    return folder
