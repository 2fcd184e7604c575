{{ contact_records(first_day_not_trained_on()) }}
