"""Identity: which identifiers are one customer, and by what durable id the customer is known.

Here belongs the resolver: components by tiers, guards against fusing two people, ids that survive
merges and splits. What an identifier is, how it is normalised, which are blocked and who may guard
is not decided here: SQL in `models/identity` delivers identifiers, edges and guards. Personal data
never arrives: identifiers are digests.
"""
