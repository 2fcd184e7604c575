{#- Who met a feature, in which variation, and when they first turned it off. -#}
with final as (
    {{ opt_out_cohorts(ref("fct_feature_customers")) }}
)

select * from final
