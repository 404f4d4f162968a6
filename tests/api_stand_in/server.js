// A stand-in for the main api/ service: its three deduper routes, its client, its error mapping.
//
//   URL_BASE_NEWS_NEXUS_PYTHON_QUEUER   base URL of the worker, joined without a slash
//   PATH_TO_DATABASE, NAME_DB           the shared SQLite file
//   PORT                                0 for a free one; the first line on stdout names it
//
// axios as api/ uses it: no timeout, no authentication, 2xx alone is success, redirects followed.

import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import axios from "axios";
import express from "express";

const worker = process.env.URL_BASE_NEWS_NEXUS_PYTHON_QUEUER;
const database = new DatabaseSync(
  path.join(process.env.PATH_TO_DATABASE, process.env.NAME_DB),
  { readOnly: true, timeout: 10_000 }, // wait for the deduper's commit, as api/ does
);
const articlesOfReport = database.prepare(
  "SELECT COUNT(*) AS count FROM ArticleReportContracts WHERE reportId = ?",
);

const router = express.Router();

router.get("/request-job/:reportId", async (request, response) => {
  const { reportId } = request.params;
  // The raw text is bound: SQLite's integer affinity decides that '084' and '84.0' are 84.
  if (articlesOfReport.get(reportId).count === 0) {
    return response.status(404).json({ error: `No articles for report ${reportId}` });
  }
  await passOn(response, async () => {
    const answer = await axios.get(`${worker}deduper/jobs/reportId/${reportId}`);
    response.status(201).json({ pythonQueuerResponse: answer.data });
  });
});

router.get("/job-list-status", async (request, response) => {
  await passOn(response, async () => {
    const answer = await axios.get(`${worker}deduper/jobs/list`);
    response.json(answer.data);
  });
});

router.delete("/clear-article-duplicate-analyses-table", async (request, response) => {
  await passOn(response, async () => {
    const answer = await axios.delete(`${worker}deduper/clear-db-table`);
    response.json({ pythonQueuerResponse: answer.data });
  });
});

// The worker's own status is used again; where there was no answer at all, 500.
async function passOn(response, call) {
  try {
    await call();
  } catch (error) {
    if (error.response) {
      response
        .status(error.response.status)
        .json({ error: error.message, pythonQueuerResponse: error.response.data });
    } else {
      response.status(500).json({ error: "The Python queuer did not answer", code: error.code });
    }
  }
}

const app = express();
app.use("/analysis/deduper", router);
const server = app.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.on("SIGTERM", () => server.close(() => process.exit(0)));
