{{ kept("ledger", [
    "source_name", "row_id", "entry_id", "event_at", "entry_class", "amount", "currency_code",
    "transfer_pair_id", "reversal_of", "country", "fraud_label", "fraud_label_at",
], standardised={"currency_code": "currency", "country": "country"}) }}
