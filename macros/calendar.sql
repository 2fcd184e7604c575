{# The Monday of a date's week. #}
{% macro week_start(day) -%}
    cast(date_trunc('week', {{ day }}) as date)
{%- endmacro %}

{# The moment the run looks from, and its date in the configured zone. #}
{% macro as_of() -%}
    cast('{{ var("as_of") }}' as timestamp)
{%- endmacro %}

{% macro as_of_date() -%}
    {{ local_date(as_of()) }}
{%- endmacro %}

{# Whether a window that ends before `end_day` is over, its late rows in. #}
{% macro is_mature(end_day) -%}
    {{ add_days(end_day, var("allowed_lateness_days")) }} <= {{ as_of_date() }}
{%- endmacro %}
