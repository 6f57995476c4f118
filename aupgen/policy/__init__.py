"""The field's nouns as frozen values: what a clause, a role, a parameter, a profile and a policy year are."""
