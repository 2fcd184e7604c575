{{ config(materialized="view") }}
select
    channel,
    is_on_screen,
    is_interrupting
from {{ ref("message_channels") }}
