# The edge (Envoy, from its wheel) and the controller. Build in the repository's root:
#   docker build -f deploy/docker/cutover.Dockerfile -t cutover .

FROM python:3.11.13-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /source
COPY . .
RUN uv sync --frozen --no-dev --no-editable --package cutover

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app worker \
    && install -d -o worker -g worker /data/cutover
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /app
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9901/ready', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["cutover", "--plan", "/etc/cutover.toml", "--state", "/data/cutover"]
CMD ["edge"]
