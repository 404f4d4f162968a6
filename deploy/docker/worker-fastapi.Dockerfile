# The FastAPI worker with its deduper. Build in the repository's root:
#   docker build -f deploy/docker/worker-fastapi.Dockerfile -t worker-fastapi .

FROM python:3.11.13-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /source
COPY . .
RUN uv sync --frozen --no-dev --no-editable --package worker-python --package deduper

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app worker \
    && install -d -o worker -g worker /data/jobs /data/database /data/logs
COPY --from=build /app/.venv /app/.venv
COPY deduper/src/main.py /app/deduper/src/main.py
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PATH_TO_PYTHON_VENV=/app/.venv \
    PATH_TO_MICROSERVICE_DEDUPER=/app/deduper \
    PATH_TO_DATABASE=/data/database \
    PATH_TO_LOGS=/data/logs \
    JOB_STORE=/data/jobs/jobs.sqlite3
USER 10001
WORKDIR /app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/live', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["worker-python", "serve", "--host", "0.0.0.0", "--port", "8000"]
