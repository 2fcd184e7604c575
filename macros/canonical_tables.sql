{#
    Which staging models bring which canonical table, what tells their records apart, and who they are about.
    `is_test` marks the tables whose rows say themselves that they are test traffic.
    A record with an empty part of its key (other than a nullable one) has no key, and is nobody's duplicate.
#}
{% macro canonical_tables() %}
    {{ return({
        'account_wallets': {
            'keys': {
                'stg_core_banking__account_wallets': ['account_id', 'wallet', 'event_at'],
                'stg_wallets__wallet_links': ['account_id', 'wallet', 'event_at'],
                'stg_custom__account_wallets': ['account_id', 'wallet', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['account_id', 'wallet'],
        },
        'accounts': {
            'keys': {
                'stg_core_banking__accounts': ['account_id', 'event_at'],
                'stg_custom__accounts': ['account_id', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id', 'kyc_applicant_id'],
        },
        'assignments': {
            'keys': {
                'stg_experimentation__assignments': ['experiment_id', 'unit'],
                'stg_custom__assignments': ['experiment_id', 'unit'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'device_id'],
        },
        'campaigns': {
            'keys': {
                'stg_crm__campaigns': ['campaign_id', 'event_at'],
                'stg_custom__campaigns': ['campaign_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'contacts': {
            'keys': {
                'stg_crm__contacts': ['contact_id', 'event_at'],
                'stg_custom__contacts': ['contact_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'contact_id', 'email', 'phone'],
        },
        'content': {
            'keys': {
                'stg_decisioning__content': ['content_id', 'version'],
                'stg_custom__content': ['content_id', 'version'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'customers': {
            'keys': {
                'stg_core_banking__customers': ['customer_ref', 'event_at'],
                'stg_custom__customers': ['customer_ref', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'email', 'phone'],
        },
        'decision_reviews': {
            'keys': {
                'stg_decisioning__filter_reviews': ['review_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'decisions': {
            'keys': {
                'stg_decisioning__decisions': ['decision_id'],
                'stg_custom__decisions': ['decision_id'],
            },
            'is_test': true,
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id', 'user_id'],
        },
        'eligibility': {
            'keys': {
                'stg_core_banking__eligibility': ['customer_ref', 'product_line', 'valid_from', 'event_at'],
                'stg_custom__eligibility': ['customer_ref', 'product_line', 'valid_from', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref'],
        },
        'erasures': {
            'keys': {
                'stg_braze__user_delete_requests': ['request_id'],
                'stg_custom__erasures': ['request_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'events': {
            'keys': {
                'stg_amplitude__events': ['app_id', 'device_id', 'insert_id'],
                'stg_segment__tracks': ['app_id', 'device_id', 'insert_id'],
                'stg_custom__events': ['app_id', 'device_id', 'insert_id'],
            },
            'nullable_key': ['app_id', 'device_id'],
            'identifiers': ['customer_ref', 'account_id', 'user_id', 'contact_id', 'wallet', 'profile_id', 'email', 'phone', 'device_id', 'anonymous_id'],
        },
        'experiment_stages': {
            'keys': {
                'stg_experimentation__stages': ['experiment_id', 'stage'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'experiments': {
            'keys': {
                'stg_experimentation__experiments': ['experiment_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'exposures': {
            'keys': {
                'stg_braze__control_enrollments': ['exposure_id'],
                'stg_experimentation__exposures': ['experiment_id', 'unit', 'exposed_at'],
                'stg_segment__experiment_viewed': ['exposure_id'],
                'stg_custom__exposures': ['experiment_id', 'unit', 'exposed_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'profile_id', 'device_id', 'anonymous_id'],
        },
        'feedback': {
            'keys': {
                'stg_zendesk__satisfaction_ratings': ['response_id', 'event_at'],
                'stg_zendesk__survey_responses': ['response_id', 'event_at'],
                'stg_zigpoll__responses': ['response_id'],
                'stg_custom__feedback': ['response_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'user_id', 'contact_id', 'profile_id', 'email'],
        },
        'goals': {
            'keys': {
                'stg_core_banking__savings_goals': ['goal_id', 'event_at'],
                'stg_custom__goals': ['goal_id', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'holdings': {
            'keys': {
                'stg_core_banking__product_holdings': ['customer_ref', 'product_line', 'valid_from', 'event_at'],
                'stg_custom__holdings': ['customer_ref', 'product_line', 'valid_from', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref'],
        },
        'identifications': {
            'keys': {
                'stg_segment__identifies': ['identification_id'],
                'stg_custom__identifications': ['identification_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'user_id', 'email', 'phone', 'anonymous_id'],
        },
        'identity_merges': {
            'keys': {
                'stg_amplitude__merged_ids': ['identifier_value', 'merged_identifier_value'],
                'stg_braze__user_orphans': ['merge_id'],
                'stg_segment__aliases': ['merge_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'kyc_events': {
            'keys': {
                'stg_sumsub__applicant_events': ['kyc_event_id'],
                'stg_custom__kyc_events': ['kyc_event_id'],
            },
            'is_test': true,
            'nullable_key': [],
            'identifiers': ['customer_ref', 'kyc_applicant_id'],
        },
        'ledger': {
            'keys': {
                'stg_core_banking__ledger_entries': ['entry_id'],
                'stg_custom__ledger': ['entry_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'market': {
            'keys': {
                'stg_custom__market': ['symbol', 'price_date'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'messages': {
            'keys': {
                'stg_braze__messages': ['message_event_id'],
                'stg_custom__messages': ['message_event_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'user_id', 'contact_id', 'profile_id', 'email', 'phone', 'device_id'],
        },
        'offers_to_opt_in': {
            'keys': {
                'stg_custom__offers_to_opt_in': ['offer_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'user_id'],
        },
        'orders': {
            'keys': {
                'stg_core_banking__orders': ['order_id', 'event_at'],
                'stg_custom__orders': ['order_id', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id'],
        },
        'permissions': {
            'keys': {
                'stg_custom__permissions': ['prompt_id'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'user_id'],
        },
        'preferences': {
            'keys': {
                'stg_braze__subscription_changes': ['preference_id'],
                'stg_custom__preferences': ['unit', 'feature_id', 'channel', 'event_at'],
            },
            'nullable_key': ['feature_id', 'channel'],
            'identifiers': ['customer_ref', 'profile_id'],
        },
        'releases': {
            'keys': {
                'stg_experimentation__releases': ['release_id'],
                'stg_custom__releases': ['release_id'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'spend': {
            'keys': {
                'stg_crm__spend': ['spend_date', 'subject_type', 'subject', 'kind', 'event_at'],
                'stg_custom__spend': ['spend_date', 'subject_type', 'subject', 'kind'],
            },
            'nullable_key': [],
            'identifiers': [],
        },
        'tickets': {
            'keys': {
                'stg_zendesk__tickets': ['ticket_id', 'event_at'],
                'stg_custom__tickets': ['ticket_id', 'event_at'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'contact_id', 'profile_id', 'email', 'phone'],
        },
        'wallet_sign_ins': {
            'keys': {
                'stg_wallets__sign_ins': ['domain', 'nonce'],
                'stg_custom__wallet_sign_ins': ['domain', 'nonce'],
            },
            'nullable_key': [],
            'identifiers': ['customer_ref', 'account_id', 'wallet'],
        },
    }) }}
{% endmacro %}
