{#- Per customer, instrument, segment and week of the invitation: what was asked and said. -#}
with answers as (
    select *
    from {{ ref("sums_survey_answers") }}
),

segmented as (
    {{ by_segment("answers", "invited_at") }}
),

themes as (
    select
        source_name,
        table_name,
        response_id,
        bool_or(theme = 'invasive') as is_invasive,
        bool_or(theme = 'unwanted') as is_unwanted,
        bool_or(theme = 'noisy') as is_noisy,
        bool_or(theme = 'misleading') as is_misleading,
        bool_or(theme = 'other') as is_other
    from {{ ref("fct_survey_themes") }}
    group by source_name, table_name, response_id
),

final as (
    select
        segmented.customer_id,
        segmented.instrument,
        segmented.segment_type,
        segmented.segment_value,
        {{ week_start("segmented.activity_date") }} as week_start_date,
        count(case when segmented.tells_of_silence then 1 end) as invited_count,
        count(case when segmented.tells_of_silence and segmented.is_answered then 1 end)
            as responded_count,
        count(case when segmented.is_answered then 1 end) as answer_count,
        count(segmented.is_positive) as score_count,
        count(case when segmented.is_positive then 1 end) as positive_count,
        count(case when segmented.is_negative then 1 end) as negative_count,
        count(segmented.is_agreement) as compared_count,
        count(case when segmented.is_agreement then 1 end) as agreed_count,
        count(case when themes.is_invasive then 1 end) as invasive_count,
        count(case when themes.is_unwanted then 1 end) as unwanted_count,
        count(case when themes.is_noisy then 1 end) as noisy_count,
        count(case when themes.is_misleading then 1 end) as misleading_count,
        count(case when themes.is_other then 1 end) as other_count
    from segmented
    left join themes
        on
            segmented.source_name = themes.source_name
            and segmented.table_name = themes.table_name
            and segmented.response_id = themes.response_id
    group by all
)

select * from final
