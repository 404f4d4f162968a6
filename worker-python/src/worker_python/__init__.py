"""The FastAPI worker: queues runs of the deduper and answers for them."""
