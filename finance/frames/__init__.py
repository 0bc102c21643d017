"""Tables as arrays and frames for the calculations of finance."""
