{# The compliance rules: each is a row of the seed of that name and a flag `is_…` of `sums_compliance_flags`. #}
{% macro compliance_rules() -%}
    {{ return([
        "sanctions_hit", "kyc_not_approved", "jurisdiction_not_permitted",
        "sensitive_data_without_consent", "consent_withdrawn", "ineligible_product",
        "scope_not_permitted", "aml_not_clear", "blocked_by_filter", "review_not_awaited",
        "filter_not_run",
    ]) }}
{%- endmacro %}
