{#- People at risk of a first opt-out, and first opt-outs, by days since exposure. -#}
with final as (
    {{ opt_out_days(ref("sums_opt_out_cohorts")) }}
)

select * from final
