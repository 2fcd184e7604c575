{#
    Answers, each in its last version: they can be edited.

    versions: (by, source_name, table_name, response_id, event_at, received_at, row_id, …).
    by: further key columns.
#}
{% macro feedback_versions(versions, by=[]) -%}
    select *
    from {{ versions }} as versions
    qualify
        row_number() over (
            partition by
                {{ keys(by, "versions") }}
                versions.source_name,
                versions.table_name,
                versions.response_id
            order by versions.event_at desc, versions.received_at desc, versions.row_id desc
        ) = 1
{%- endmacro %}

{# The answer to a question, if it came within its window. #}
{% macro answer_in_time(prompts) -%}
    case
        when
            {{ prompts }}.answered_at
            < {{ prompts }}.prompted_at + interval '{{ var("feedback_window_days") }}' day
            then {{ prompts }}.answer
    end
{%- endmacro %}
