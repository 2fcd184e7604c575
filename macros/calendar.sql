{# The Monday of a date's week. #}
{% macro week_start(day) -%}
    cast(date_trunc('week', {{ day }}) as date)
{%- endmacro %}

{# The first of a date's month. #}
{% macro month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{# The first of the month after the one that begins on a day. #}
{% macro next_month_start(month_start_date) -%}
    cast(date_trunc('month', {{ add_days(month_start_date, 31) }}) as date)
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

{# Earlier and later than anything that happens: where a history begins or ends whose change is not known. #}
{% macro beginning_of_time() -%}
    cast('1900-01-01 00:00:00' as timestamp)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as timestamp)
{%- endmacro %}
