{# Apostrophes that people leave out, and the full form of what they contract. #}
{% macro full_forms() %}
    {{ return([
        (" can't ", ' can not '), (' cant ', ' can not '), (' cannot ', ' can not '),
        (" won't ", ' will not '), (' wont ', ' will not '),
        (' dont ', ' do not '), (' didnt ', ' did not '), (' doesnt ', ' does not '),
        (' isnt ', ' is not '), (' wasnt ', ' was not '), (' shouldnt ', ' should not '),
        (' havent ', ' have not '), (' hasnt ', ' has not '),
    ]) }}
{% endmacro %}

{#
    Text as phrases are written: lower case, no accents, contractions in full, one space between words and around the
    whole, sentences ended by a full stop.
#}
{% macro plain_text(text) -%}
    {%- set plain = namespace(sql=replace_pattern(
        "' ' || replace(lower(" ~ text ~ "), '’', '''') || ' '", "[.?!;:…]+", " . "
    )) -%}
    {%- set plain.sql = "translate(" ~ plain.sql ~ ", 'áàâäãéèêëíìîïóòôöõúùûüñç', 'aaaaaeeeeiiiiooooouuuunc')" -%}
    {%- set plain.sql = replace_pattern(plain.sql, "[^a-z0-9.'']+", " ") -%}
    {%- for short, full in full_forms() -%}
        {%- set plain.sql = "replace(" ~ plain.sql ~ ", '" ~ short.replace("'", "''") ~ "', '" ~ full ~ "')" -%}
    {%- endfor -%}
    replace(replace({{ plain.sql }}, 'n''t ', ' not '), '''', ' ')
{%- endmacro %}

{#
    What texts are about: a theme where every group of words that one of its rules needs is met in one sentence, and
    none that it rules out; `other` where no rule holds. One row per text and theme.

    texts: (text_key, text), a key each.
#}
{% macro text_themes(texts) -%}
    with distinct_texts as (
        select distinct {{ plain_text("text") }} as text
        from {{ texts }}
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
        texts.text_key,
        coalesce(found.theme, 'other') as theme
    from {{ texts }} as texts
    left join found
        on {{ plain_text("texts.text") }} = found.text
{%- endmacro %}

{% macro pronouns() %}
    {{ return(['it', 'them', 'these', 'those', 'this', 'that', 'they']) }}
{% endmacro %}
