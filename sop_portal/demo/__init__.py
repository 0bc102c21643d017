"""The demo company: a seeded pack of files, and the script of the month that walks it to mid-cycle."""
