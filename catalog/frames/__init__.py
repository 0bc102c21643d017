"""One query, one validated frame or array block."""
