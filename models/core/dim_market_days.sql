{#- What kind of market each day was; a day without prices is as the one before. -#}
with prices as (
    select
        price_date,
        regime
    from (
        {{ kept("market", ["price_date", "regime"]) }}
    ) as market
    where regime is not null
),

-- Where symbols differ, the regime most of them are in is the market's.
price_days as (
    select
        price_date,
        regime
    from prices
    group by price_date, regime
    qualify
        row_number() over (
            partition by price_date
            order by count(*) desc, regime asc
        ) = 1
),

spells as (
    select
        regime,
        price_date as first_date,
        coalesce(
            {{ add_days("lead(price_date) over (order by price_date asc)", -1) }},
            {{ as_of_date() }}
        ) as last_date
    from price_days
    where price_date <= {{ as_of_date() }}
),

final as (
    select
        {{ date_range("first_date", "last_date") }} as activity_date,
        regime as market_regime
    from spells
)

select * from final
