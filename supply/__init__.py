"""Supply: what can be made, bought and delivered against the consensus demand, and what limits it."""
