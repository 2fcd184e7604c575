{#
    The only place that knows which engine runs. Each macro has one meaning on DuckDB and on Spark;
    the default is DuckDB's form.
#}

{# A JSON object's named text fields as one struct: the object is parsed once, however many fields are read. #}
{% macro json_struct(column, fields) -%}
    {{ return(adapter.dispatch('json_struct')(column, fields)) }}
{%- endmacro %}

{% macro default__json_struct(column, fields) -%}
    json_transform({{ column }}, '{ {%- for field in fields -%}"{{ field }}": "VARCHAR"{{ ", " if not loop.last }}{%- endfor -%} }')
{%- endmacro %}

{% macro spark__json_struct(column, fields) -%}
    from_json({{ column }}, '{% for field in fields %}{{ field }} string{{ ", " if not loop.last }}{% endfor %}')
{%- endmacro %}

{# One text field of a JSON object, whatever characters its name has. #}
{% macro json_text(column, field) -%}
    {{ return(adapter.dispatch('json_text')(column, field)) }}
{%- endmacro %}

{% macro default__json_text(column, field) -%}
    json_extract_string({{ column }}, '$."{{ field }}"')
{%- endmacro %}

{% macro spark__json_text(column, field) -%}
    get_json_object({{ column }}, "$['{{ field }}']")
{%- endmacro %}

{# The text at the end of a path of fields of a JSON object. #}
{% macro json_path_text(column, path) -%}
    {{ return(adapter.dispatch('json_path_text')(column, path)) }}
{%- endmacro %}

{% macro default__json_path_text(column, path) -%}
    json_extract_string({{ column }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro spark__json_path_text(column, path) -%}
    get_json_object({{ column }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{# A text field of the element at `position` (from 0) of a JSON array of objects. #}
{% macro json_element_text(column, position, field) -%}
    {{ return(adapter.dispatch('json_element_text')(column, position, field)) }}
{%- endmacro %}

{% macro default__json_element_text(column, position, field) -%}
    json_extract_string({{ column }}, '$[{{ position }}].{{ field }}')
{%- endmacro %}

{% macro spark__json_element_text(column, position, field) -%}
    get_json_object({{ column }}, '$[{{ position }}].{{ field }}')
{%- endmacro %}

{# Each text of a JSON array of texts, one row each. #}
{% macro json_texts(column) -%}
    {{ return(adapter.dispatch('json_texts')(column)) }}
{%- endmacro %}

{% macro default__json_texts(column) -%}
    unnest(json_transform({{ column }}, '["VARCHAR"]'))
{%- endmacro %}

{% macro spark__json_texts(column) -%}
    explode(from_json({{ column }}, 'array<string>'))
{%- endmacro %}

{# Text of a moment, with or without an offset, as a UTC timestamp; NULL where it is none. #}
{% macro utc_timestamp(text) -%}
    {{ return(adapter.dispatch('utc_timestamp')(text)) }}
{%- endmacro %}

{% macro default__utc_timestamp(text) -%}
    cast(try_cast({{ text }} as timestamptz) as timestamp)
{%- endmacro %}

{% macro spark__utc_timestamp(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

{# The calendar date of a UTC timestamp in the configured zone. #}
{% macro local_date(moment) -%}
    {{ return(adapter.dispatch('local_date')(moment)) }}
{%- endmacro %}

{% macro default__local_date(moment) -%}
    cast({{ moment }} at time zone 'UTC' at time zone '{{ var("timezone") }}' as date)
{%- endmacro %}

{% macro spark__local_date(moment) -%}
    to_date(from_utc_timestamp({{ moment }}, '{{ var("timezone") }}'))
{%- endmacro %}

{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    cast(date_diff('day', {{ earlier }}, {{ later }}) as bigint)
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}

{% macro microseconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('microseconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__microseconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}

{% macro spark__microseconds_between(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }}))
{%- endmacro %}

{# Every date from one to another, both included, as column `activity_date`, one row each. #}
{% macro date_range(first_date, last_date) -%}
    {{ return(adapter.dispatch('date_range')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__date_range(first_date, last_date) -%}
    cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date)
{%- endmacro %}

{% macro spark__date_range(first_date, last_date) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day))
{%- endmacro %}

{# Whole hours of the wall clock in the configured zone, counted from 1970: an hour that the clock repeats has one number. #}
{% macro local_hour_number(moment) -%}
    {{ return(adapter.dispatch('local_hour_number')(moment)) }}
{%- endmacro %}

{% macro default__local_hour_number(moment) -%}
    cast(
        floor(epoch_us({{ moment }} at time zone 'UTC' at time zone '{{ var("timezone") }}') / 3600000000)
        as bigint
    )
{%- endmacro %}

{% macro spark__local_hour_number(moment) -%}
    cast(
        floor(unix_micros(from_utc_timestamp({{ moment }}, '{{ var("timezone") }}')) / 3600000000)
        as bigint
    )
{%- endmacro %}

{# Minutes since midnight by the clock of a zone, which may be a column. #}
{% macro minute_of_day(moment, zone) -%}
    {{ return(adapter.dispatch('minute_of_day')(moment, zone)) }}
{%- endmacro %}

{% macro default__minute_of_day(moment, zone) -%}
    cast(
        extract(hour from {{ moment }} at time zone 'UTC' at time zone {{ zone }}) * 60
        + extract(minute from {{ moment }} at time zone 'UTC' at time zone {{ zone }})
        as integer
    )
{%- endmacro %}

{% macro spark__minute_of_day(moment, zone) -%}
    cast(
        extract(hour from from_utc_timestamp({{ moment }}, {{ zone }})) * 60
        + extract(minute from from_utc_timestamp({{ moment }}, {{ zone }}))
        as integer
    )
{%- endmacro %}

{# Every full hour from one moment to another, both included, one row each. #}
{% macro hour_range(first_hour, last_hour) -%}
    {{ return(adapter.dispatch('hour_range')(first_hour, last_hour)) }}
{%- endmacro %}

{% macro default__hour_range(first_hour, last_hour) -%}
    unnest(generate_series({{ first_hour }}, {{ last_hour }}, interval 1 hour))
{%- endmacro %}

{% macro spark__hour_range(first_hour, last_hour) -%}
    explode(sequence({{ first_hour }}, {{ last_hour }}, interval 1 hour))
{%- endmacro %}

{# Text without the characters that a regular expression's class names. #}
{% macro strip_characters(text, character_class) -%}
    {{ return(adapter.dispatch('strip_characters')(text, character_class)) }}
{%- endmacro %}

{% macro default__strip_characters(text, character_class) -%}
    regexp_replace({{ text }}, '{{ character_class }}', '', 'g')
{%- endmacro %}

{% macro spark__strip_characters(text, character_class) -%}
    regexp_replace({{ text }}, '{{ character_class }}', '')
{%- endmacro %}

{# Text with whatever a regular expression finds in it put in other words. #}
{% macro replace_pattern(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{# The parts of a text between separators of one character, one row each: columns `part_number` and `part`. #}
{% macro text_parts(text, separator) -%}
    {{ return(adapter.dispatch('text_parts')(text, separator)) }}
{%- endmacro %}

{% macro default__text_parts(text, separator) -%}
    unnest(generate_series(1, len(string_split({{ text }}, '{{ separator }}')))) as part_number,
    unnest(string_split({{ text }}, '{{ separator }}')) as part
{%- endmacro %}

{% macro spark__text_parts(text, separator) -%}
    posexplode(split({{ text }}, '[{{ separator }}]')) as (part_number, part)
{%- endmacro %}

{# The value of the entry with a given id in a JSON array of {id, value} objects. #}
{% macro json_field_value(column, field_id) -%}
    {{ return(adapter.dispatch('json_field_value')(column, field_id)) }}
{%- endmacro %}

{% macro default__json_field_value(column, field_id) -%}
    list_filter(
        json_transform({{ column }}, '[{"id": "BIGINT", "value": "VARCHAR"}]'),
        lambda entry: entry.id = {{ field_id }}
    )[1].value
{%- endmacro %}

{% macro spark__json_field_value(column, field_id) -%}
    filter(
        from_json({{ column }}, 'array<struct<id: bigint, value: string>>'),
        entry -> entry.id = {{ field_id }}
    )[0].value
{%- endmacro %}

{# An opaque 128-bit digest of a text, to group and join by; the engines write it differently. #}
{% macro digest(text) -%}
    {{ return(adapter.dispatch('digest')(text)) }}
{%- endmacro %}

{% macro default__digest(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{% macro spark__digest(text) -%}
    md5({{ text }})
{%- endmacro %}

{#
    dbt's incremental strategy `batches`: rows of a batch that is no more, or is no more as it was, go; what was read
    comes, in one transaction. Other columns mean other code, by which every batch was read again.
#}
{% macro get_incremental_batches_sql(arguments) -%}
    {%- set target, read = arguments["target_relation"], arguments["temp_relation"] -%}
    {%- set columns = [] -%}
    {%- for relation in (target, read) -%}
        {%- set described = [] -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do described.append((column.name, column.dtype)) -%}
        {%- endfor -%}
        {%- do columns.append(described) -%}
    {%- endfor -%}
    {%- if columns[0] != columns[1] -%}
    create or replace table {{ target }} as
    select * from {{ read }}
    {%- else -%}
    delete from {{ target }}
    where batch_digest not in (
        select {{ batch_digest("batches") }}
        from {{ ref("stg_lake__batches") }} as batches
    );
    insert into {{ target }}
    select * from {{ read }}
    {%- endif -%}
{%- endmacro %}

{#
    Tables and views on DuckDB, replaced where they stand: drop and create are one transaction, so that a model that cannot
    be built leaves the former one. dbt's own way, by a second name and two renamings, costs a small model more than its query.
    Spark keeps its adapter's way.
#}
{% materialization table, adapter="duckdb" %}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set sql = create_table_as(False, target_relation, compiled_code, "sql") -%}
    {{ return(replace_relation(target_relation, sql)) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {%- set target_relation = this.incorporate(type="view") -%}
    {{ return(replace_relation(target_relation, get_create_view_as_sql(target_relation, compiled_code))) }}
{% endmaterialization %}

{% macro replace_relation(target_relation, create_sql) %}
    {%- set former = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement("main") -%}
        {%- if former is not none %}
        drop {{ former.type }} if exists {{ former }};
        {%- endif %}
        {{ create_sql }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmacro %}

{#
    Schemas are the stages' names, without a prefix: what `ls models` shows is what a query names. The published file has one.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if target.name == "published" else (custom_schema_name or target.schema) }}
{%- endmacro %}

{# A percentile, between the two values next to it where it falls between, of the rows of the window that follows. #}
{% macro percentile_over(column, share) -%}
    {{ return(adapter.dispatch('percentile_over')(column, share)) }}
{%- endmacro %}

{% macro default__percentile_over(column, share) -%}
    quantile_cont({{ column }}, {{ share }})
{%- endmacro %}

{% macro spark__percentile_over(column, share) -%}
    percentile({{ column }}, {{ share }})
{%- endmacro %}
