"""Who decides when attempts run: `local` in this process, `distributed` on PostgreSQL."""
