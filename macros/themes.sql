{# What people write for "do not" and its like when they leave the apostrophe out. #}
{% macro bare_negations() %}
    {{ return([
        'arent', 'cannot', 'cant', 'couldnt', 'didnt', 'doesnt', 'dont', 'hasnt', 'havent', 'isnt', 'shouldnt', 'wasnt',
        'werent', 'wont', 'wouldnt',
    ]) }}
{% endmacro %}

{#
    Text as phrases are written: lower case, no accents, every negation as "not", one space between words and around
    the whole, sentences ended by a full stop.
#}
{% macro plain_text(text) -%}
    {%- set lower = "' ' || replace(lower(" ~ text ~ "), '’', '''') || ' '" -%}
    {%- set sentences = replace_pattern(lower, "[.?!;:…]+", " . ") -%}
    {%- set letters = "translate(" ~ sentences ~ ", 'áàâäãéèêëíìîïóòôöõúùûüñç', 'aaaaaeeeeiiiiooooouuuunc')" -%}
    {%- set words = replace_pattern(letters, "[^a-z0-9.'']+", " ") -%}
    {%- set negations = replace_pattern(words, " (" ~ bare_negations() | join("|") ~ ") ", " do not ") -%}
    replace(replace({{ negations }}, 'n''t ', ' not '), '''', ' ')
{%- endmacro %}

{#
    What texts are about: a theme where every group of words that one of its rules needs is met in one sentence, and
    none that it rules out; `other` where no rule holds. One row per text and theme.

    texts: (text_key, text), a key each.
#}
{% macro text_themes(texts) -%}
    with plain_texts as (
        select
            text_key,
            {{ plain_text("text") }} as text
        from {{ texts }}
    ),

    distinct_texts as (
        select distinct text
        from plain_texts
    ),

    parts as (
        select
            text,
            {{ text_parts("text", ".") }}
        from distinct_texts
    ),

    -- "I get tips every day. How do I stop them?" A sentence that points back is read with what it points to.
    sentences as (
        select
            text,
            part_number,
            case
                when part like '% {{ pronouns() | join(" %' or part like '% ") }} %'
                    then
                        coalesce(
                            lag(part) over (partition by text order by part_number asc), ''
                        ) || part
                else part
            end as sentence
        from parts
        where trim(part) <> ''
    ),

    met_groups as (
        select distinct
            sentences.text,
            sentences.part_number,
            phrases.word_group
        from sentences
        inner join {{ ref("theme_phrases") }} as phrases
            on sentences.sentence like '% ' || replace(phrases.phrase, '*', '%') || ' %'
    ),

    rules as (
        select
            theme,
            rule_id,
            word_group,
            is_needed,
            count(case when is_needed then 1 end) over (partition by rule_id) as needed_count
        from {{ ref("theme_rules") }}
    ),

    found as (
        select
            met_groups.text,
            rules.theme
        from met_groups
        inner join rules
            on met_groups.word_group = rules.word_group
        group by
            met_groups.text,
            met_groups.part_number,
            rules.theme,
            rules.rule_id,
            rules.needed_count
        having
            count(case when rules.is_needed then 1 end) = rules.needed_count
            and count(case when not rules.is_needed then 1 end) = 0
    )

    select distinct
        plain_texts.text_key,
        coalesce(found.theme, 'other') as theme
    from plain_texts
    left join found
        on plain_texts.text = found.text
{%- endmacro %}

{% macro pronouns() %}
    {{ return(['it', 'them', 'these', 'those', 'this', 'that', 'they']) }}
{% endmacro %}
