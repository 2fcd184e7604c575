{{ config(materialized="view") }}
select
    field,
    raw_value,
    standard_value
from {{ ref("standard_values") }}
