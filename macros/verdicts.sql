{#
    The rules on landed rows and the reason each gives, in the order in which the first that is enforced decides.
    Seed hygiene_rules says which are. A row's hits are kept as bits: the rule at place n is 2 to the power of n.
#}
{% macro row_rules() %}
    {{ return({
        'duplicate_key': 'duplicate',
        'near_duplicate': 'duplicate',
        'bot_user_agent_empty': 'bot',
        'bot_user_agent_crawler': 'bot',
        'bot_user_agent_detector': 'bot',
        'bot_rate': 'bot',
        'bot_cadence': 'bot',
        'bot_robots_txt': 'bot',
        'mail_machine_open': 'bot',
        'mail_suspected_click': 'bot',
        'test_flag': 'test',
        'test_customer': 'test',
        'test_account': 'test',
        'test_email_domain': 'test',
        'test_device': 'test',
        'session_expired': 'expired_session',
        'session_zombie': 'expired_session',
        'stale_row': 'stale',
        'erasure_request': 'erased',
    }) }}
{% endmacro %}

{# Every verdict on a landed row, in the order in which the first that holds wins; `kept` where none does. #}
{% macro verdicts() %}
    {{ return((row_rules().values() | unique | list) + ["kept"]) }}
{% endmacro %}

{# The bits of some rules, as a number. #}
{% macro rule_bits(rules) %}
    {%- set all_rules = row_rules() | list -%}
    {%- set bits = namespace(sum=0) -%}
    {%- for rule in rules -%}
        {%- set bits.sum = bits.sum + 2 ** all_rules.index(rule) -%}
    {%- endfor -%}
    {{ return(bits.sum) }}
{% endmacro %}
