"""What finance changes: the landing run, named adjustments, actions."""
