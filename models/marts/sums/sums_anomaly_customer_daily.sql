{#- Card payments of each customer and day: those that were judged, flagged, labelled. -#}
with judged as (
    select
        customer_id,
        baseline_type,
        activity_date,
        signal_count >= {{ var("anomaly_signals") }} as is_flagged,
        fraud_label is not null as is_labelled,
        coalesce(fraud_label = 'fraud', false) as is_fraud
    from {{ ref("fct_transaction_scores") }}
),

final as (
    select
        customer_id,
        baseline_type,
        activity_date,
        count(*) as transaction_count,
        count(case when is_flagged then 1 end) as flagged_count,
        count(case when is_labelled then 1 end) as labelled_count,
        count(case when is_fraud then 1 end) as fraud_count,
        count(case when is_flagged and is_labelled then 1 end) as flagged_labelled_count,
        count(case when is_flagged and is_fraud then 1 end) as flagged_fraud_count
    from judged
    group by customer_id, baseline_type, activity_date
)

select * from final
