with wordings as (
    {{ canonical("tickets", ["row_id", "subject", "body"]) }}
),

texts as (
    select
        tickets.row_id as text_key,
        coalesce(wordings.subject, '') || ' . ' || coalesce(wordings.body, '') as text
    from {{ ref("fct_tickets") }} as tickets
    inner join wordings
        on tickets.row_id = wordings.row_id
),

themes as (
    {{ text_themes("texts") }}
),

final as (
    select
        tickets.source_name,
        tickets.ticket_id,
        themes.theme
    from themes
    inner join {{ ref("fct_tickets") }} as tickets
        on themes.text_key = tickets.row_id
)

select * from final
