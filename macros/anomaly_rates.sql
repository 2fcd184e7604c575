{# The rates of anomaly detection: each one's numerator and denominator among the counts of a customer's day. #}
{% macro anomaly_rates() %}
    {{ return({
        'flagged_rate': ('flagged', 'transaction'),
        'precision_rate': ('flagged_fraud', 'flagged_labelled'),
        'recall_rate': ('flagged_fraud', 'fraud'),
    }) }}
{% endmacro %}
