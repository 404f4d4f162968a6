from worker_python.app import create_app

app = create_app()
