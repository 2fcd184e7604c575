{{ contact_records() }}
