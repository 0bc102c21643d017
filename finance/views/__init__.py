"""Pages of finance: pre-S&OP, profit and cash, executive."""
