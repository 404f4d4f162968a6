CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE jobs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	status TEXT NOT NULL,
	created_at TEXT NOT NULL,
	report_id TEXT,
	request_id TEXT,
	token INTEGER NOT NULL,
	marker TEXT,
	pid INTEGER,
	pid_start_time INTEGER,
	boot_id TEXT,
	started_at TEXT,
	completed_at TEXT,
	exit_code INTEGER,
	error TEXT);
CREATE INDEX ix_jobs_status_id ON jobs (status, id);
CREATE TABLE job_outputs (
	job_id INTEGER NOT NULL,
	stdout TEXT,
	stderr TEXT,
	PRIMARY KEY (job_id),
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO alembic_version (version_num) VALUES ('0002')
