{#
    Which staging models bring which canonical table, and who its records are about. What tells records apart is in the
    contracts of ingestion, which give every row the digest of its key.
    `is_test` marks the tables whose rows say themselves that they are test traffic.
#}
{% macro canonical_tables() %}
    {{ return({
        'account_wallets': {
            'models': [
                'stg_core_banking__account_wallets',
                'stg_wallets__wallet_links',
                'stg_custom__account_wallets',
            ],
            'identifiers': ['account_id', 'wallet'],
        },
        'accounts': {
            'models': [
                'stg_core_banking__accounts',
                'stg_custom__accounts',
            ],
            'identifiers': ['customer_ref', 'account_id', 'kyc_applicant_id'],
        },
        'assignments': {
            'models': [
                'stg_experimentation__assignments',
                'stg_custom__assignments',
            ],
            'identifiers': ['customer_ref', 'device_id'],
        },
        'campaigns': {
            'models': [
                'stg_crm__campaigns',
                'stg_custom__campaigns',
            ],
            'identifiers': [],
        },
        'contacts': {
            'models': [
                'stg_crm__contacts',
                'stg_custom__contacts',
            ],
            'identifiers': ['customer_ref', 'contact_id', 'email', 'phone', 'advertising_id'],
        },
        'content': {
            'models': [
                'stg_decisioning__content',
                'stg_custom__content',
            ],
            'identifiers': [],
        },
        'customers': {
            'models': [
                'stg_core_banking__customers',
                'stg_custom__customers',
            ],
            'identifiers': ['customer_ref', 'email', 'phone'],
        },
        'decision_reviews': {
            'models': [
                'stg_decisioning__filter_reviews',
            ],
            'identifiers': [],
        },
        'decisions': {
            'models': [
                'stg_decisioning__decisions',
                'stg_custom__decisions',
            ],
            'is_test': true,
            'identifiers': ['customer_ref', 'account_id', 'user_id'],
        },
        'eligibility': {
            'models': [
                'stg_core_banking__eligibility',
                'stg_custom__eligibility',
            ],
            'identifiers': ['customer_ref'],
        },
        'erasures': {
            'models': [
                'stg_braze__user_delete_requests',
                'stg_custom__erasures',
            ],
            'identifiers': [],
        },
        'events': {
            'models': [
                'stg_amplitude__events',
                'stg_segment__tracks',
                'stg_custom__events',
            ],
            'identifiers': ['customer_ref', 'account_id', 'user_id', 'contact_id', 'wallet', 'profile_id', 'email', 'phone', 'participant_id', 'device_id', 'anonymous_id', 'advertising_id'],
        },
        'experiment_stages': {
            'models': [
                'stg_experimentation__stages',
            ],
            'identifiers': [],
        },
        'experiments': {
            'models': [
                'stg_experimentation__experiments',
            ],
            'identifiers': [],
        },
        'exposures': {
            'models': [
                'stg_braze__control_enrollments',
                'stg_experimentation__exposures',
                'stg_segment__experiment_viewed',
                'stg_custom__exposures',
            ],
            'identifiers': ['customer_ref', 'profile_id', 'device_id', 'anonymous_id'],
        },
        'features': {
            'models': [
                'stg_experimentation__features',
            ],
            'identifiers': [],
        },
        'feedback': {
            'models': [
                'stg_zendesk__satisfaction_ratings',
                'stg_zendesk__survey_responses',
                'stg_zigpoll__responses',
                'stg_custom__feedback',
            ],
            'identifiers': ['customer_ref', 'user_id', 'contact_id', 'profile_id', 'email', 'participant_id'],
        },
        'goals': {
            'models': [
                'stg_core_banking__savings_goals',
                'stg_custom__goals',
            ],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'holdings': {
            'models': [
                'stg_core_banking__product_holdings',
                'stg_custom__holdings',
            ],
            'identifiers': ['customer_ref'],
        },
        'identifications': {
            'models': [
                'stg_segment__identifies',
                'stg_custom__identifications',
            ],
            'identifiers': ['customer_ref', 'user_id', 'email', 'phone', 'anonymous_id'],
        },
        'identity_decisions': {
            'models': [
                'stg_custom__identity_decisions',
            ],
            'identifiers': [],
        },
        'identity_merges': {
            'models': [
                'stg_amplitude__merged_ids',
                'stg_braze__user_orphans',
                'stg_segment__aliases',
            ],
            'identifiers': [],
        },
        'kyc_events': {
            'models': [
                'stg_sumsub__applicant_events',
                'stg_custom__kyc_events',
            ],
            'is_test': true,
            'identifiers': ['customer_ref', 'kyc_applicant_id'],
        },
        'ledger': {
            'models': [
                'stg_core_banking__ledger_entries',
                'stg_custom__ledger',
            ],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'market': {
            'models': [
                'stg_custom__market',
            ],
            'identifiers': [],
        },
        'messages': {
            'models': [
                'stg_braze__messages',
                'stg_custom__messages',
            ],
            'identifiers': ['customer_ref', 'user_id', 'contact_id', 'profile_id', 'email', 'phone', 'device_id'],
        },
        'offers_to_opt_in': {
            'models': [
                'stg_custom__offers_to_opt_in',
            ],
            'identifiers': ['customer_ref', 'user_id'],
        },
        'orders': {
            'models': [
                'stg_core_banking__orders',
                'stg_custom__orders',
            ],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'overrides': {
            'models': [
                'stg_experimentation__overrides',
            ],
            'identifiers': [],
        },
        'permissions': {
            'models': [
                'stg_custom__permissions',
            ],
            'identifiers': ['customer_ref', 'user_id'],
        },
        'preferences': {
            'models': [
                'stg_braze__subscription_changes',
                'stg_custom__preferences',
            ],
            'identifiers': ['customer_ref', 'profile_id'],
        },
        'releases': {
            'models': [
                'stg_experimentation__releases',
                'stg_custom__releases',
            ],
            'identifiers': [],
        },
        'spend': {
            'models': [
                'stg_crm__spend',
                'stg_custom__spend',
            ],
            'identifiers': [],
        },
        'tickets': {
            'models': [
                'stg_zendesk__tickets',
                'stg_custom__tickets',
            ],
            'identifiers': ['customer_ref', 'contact_id', 'profile_id', 'email', 'phone'],
        },
        'wallet_sign_ins': {
            'models': [
                'stg_wallets__sign_ins',
                'stg_custom__wallet_sign_ins',
            ],
            'identifiers': ['customer_ref', 'account_id', 'wallet'],
        },
    }) }}
{% endmacro %}
