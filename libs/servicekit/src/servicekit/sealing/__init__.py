"""Values that only who has the keys can read: sealed for one place, by the key of whom they are of.

A value is sealed by a data key, of a person or of an organization; data keys lie wrapped in a
table of each schema, by a wrapping key that is in no database. Rows bring the wrapped key of what
they hold along, so that a page is opened without a further question, and a key that is destroyed
takes everything with it at once. What must be found goes by a keyed hash.
"""
