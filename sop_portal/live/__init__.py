"""Live pages: what moves is published to Redis, and every web process fans it out to its browsers."""
