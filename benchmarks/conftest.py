"""The benchmarks use the tests' database: the same PostgreSQL, the same roles, the same migrations."""

from tests.conftest import _fast_passwords, django_db_setup, redis_url, servers, worker_index

__all__ = ["_fast_passwords", "django_db_setup", "redis_url", "servers", "worker_index"]
