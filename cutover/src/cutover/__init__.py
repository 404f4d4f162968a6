"""Traffic moved in stages, and back, without losing a request or a job."""
