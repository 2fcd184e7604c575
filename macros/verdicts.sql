{# Every verdict on a landed row, in the order in which the first that holds wins; `kept` where none does. #}
{% macro verdicts() %}
    {{ return(["duplicate", "bot", "test", "expired_session", "stale", "erased", "kept"]) }}
{% endmacro %}
