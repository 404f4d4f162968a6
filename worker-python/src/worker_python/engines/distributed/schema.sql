CREATE TABLE IF NOT EXISTS job_attempts (
    job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    token BIGINT NOT NULL,
    renewed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    cancel_asked BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (job_id, token)
)
;
CREATE TABLE IF NOT EXISTS job_files (
    job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    token BIGINT NOT NULL,
    stream TEXT NOT NULL,
    part INTEGER NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (job_id, token, stream, part)
)
