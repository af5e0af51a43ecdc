"""The command line's nouns, one file each: `add_to(nouns)` declares their verbs."""
