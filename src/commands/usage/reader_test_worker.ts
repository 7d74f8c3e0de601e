/**
 * A thread that reads logs, for tests. Not main.ts: its types are checked again in a worker, where some of what commands
 * use is not there, and a worker that fails its check reads nothing.
 *
 * @module
 */

import { serveReads } from "./reader.ts";

serveReads();
