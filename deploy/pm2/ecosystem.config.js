// Both workers under pm2, started in the repository's folder, settings in its .env.
//
// From the Flask worker to the FastAPI worker, and back, where no edge is in front of them:
//   pm2 delete worker-flask && WORKER_PORT=5000 pm2 start deploy/pm2/ecosystem.config.js --only worker-fastapi
//   pm2 delete worker-fastapi && WORKER_PORT=5000 pm2 start deploy/pm2/ecosystem.config.js --only worker-flask
//
// Beside each other, behind the edge: pm2 start deploy/pm2/ecosystem.config.js

const path = require("node:path");

const root = path.resolve(__dirname, "..", "..");
const bin = path.join(root, ".venv", "bin");
const port = (usual) => process.env.WORKER_PORT || usual;

const always = {
  cwd: root,
  interpreter: "none", // the scripts name their own Python
  exec_mode: "fork",
  instances: 1, // each keeps its jobs in one place
  autorestart: true,
  exp_backoff_restart_delay: 100,
  merge_logs: true,
};

module.exports = {
  apps: [
    {
      ...always,
      name: "worker-flask",
      script: path.join(bin, "python"),
      args: ["-m", "worker_python_flask"],
      env: { PORT: port("5000") },
      treekill: true, // it leaves its children behind
      kill_timeout: 15000,
    },
    {
      ...always,
      name: "worker-fastapi",
      script: path.join(bin, "uvicorn"),
      args: [
        ...["--app-dir", path.join(root, "worker-python", "src"), "main:app"],
        ...["--host", "127.0.0.1", "--port", port("8000"), "--no-access-log"],
      ],
      env: { JOB_ID_START: "1000000" },
      treekill: false, // it lets its jobs end, then takes them down itself
      kill_timeout: 60000,
    },
  ],
};
