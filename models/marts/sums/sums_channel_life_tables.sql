{{ life_table(ref("sums_customer_channels"), ["channel_count", "is_ai_coordinated"]) }}
