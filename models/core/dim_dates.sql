{#- Every day of which events are known, up to the day of `as_of`. -#}
with bounds as (
    select min(activity_date) as first_date
    from {{ ref("fct_events") }}
),

final as (
    select {{ date_range("first_date", as_of_date()) }} as activity_date
    from bounds
)

select * from final
