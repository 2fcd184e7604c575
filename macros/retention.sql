{# The last days of the windows of retention: days 24-30, 54-60, 84-90 and 174-180 after day 0. #}
{% macro retention_ages() %}{{ return([30, 60, 90, 180]) }}{% endmacro %}
