# The Flask worker with its deduper. Build in the repository's root:
#   docker build -f deploy/docker/worker-flask.Dockerfile -t worker-flask .

FROM python:3.11.13-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /source
COPY . .
RUN uv sync --frozen --no-dev --no-editable --package worker-python-flask --package deduper

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app worker \
    && install -d -o worker -g worker /data/database /data/logs
COPY --from=build /app/.venv /app/.venv
COPY deduper/src/main.py /app/deduper/src/main.py
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=5000 \
    PATH_TO_PYTHON_VENV=/app/.venv \
    PATH_TO_MICROSERVICE_DEDUPER=/app/deduper \
    PATH_TO_DATABASE=/data/database \
    PATH_TO_LOGS=/data/logs
USER 10001
WORKDIR /app
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5000/', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "worker_python_flask"]
