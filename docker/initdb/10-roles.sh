#!/bin/sh
# Runs once, in an empty data folder, as the superuser: the two roles and the database, as sop_portal/embedded/postgres.py
# makes them. Passwords travel by variables of psql, so that quoting is psql's.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password SOP_OWNER_PASSWORD
\getenv app_password SOP_APP_PASSWORD
CREATE ROLE sop_owner LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD :'owner_password';
CREATE ROLE sop_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE sop OWNER sop_owner;
SQL
