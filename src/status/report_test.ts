import assert from "node:assert/strict";
import type { Check } from "./model.ts";
import { renderDuration, renderSize } from "./duration.ts";
import { isHealthy, renderChecks, renderDocument } from "./report.ts";
import { STATUS_SCHEMA } from "./report_schema.ts";

const GOOD: Check = {
  id: "server",
  name: "server",
  state: "good",
  text: "/home/ada/x running",
  data: { port: 8787 },
};
const NOTE: Check = { id: "key", name: "A_KEY", state: "note", text: "not set here" };
const BAD: Check = {
  id: "client.sync",
  name: "home",
  state: "bad",
  text: "1 of 2 not in sync",
  next: "agentos sync check",
  details: ["stale  config.toml"],
};

Deno.test("renderChecks() marks what is wrong, and puts details and the next step below it", () => {
  assert.equal(
    renderChecks([GOOD, NOTE, BAD], { colour: false, userHome: "/home/ada" }),
    [
      "  server  ~/x running",
      "  A_KEY   not set here",
      "! home    1 of 2 not in sync",
      "          stale  config.toml",
      "          next: agentos sync check",
    ].join("\n"),
  );
  assert.ok(
    renderChecks([BAD], { colour: true, userHome: "/home/ada" }).startsWith(
      "\x1b[31m! home  1 of 2 not in sync\x1b[0m\n",
    ),
  );
});

Deno.test("isHealthy() says no as soon as one thing is wrong or cannot be told", () => {
  assert.equal(isHealthy([GOOD, NOTE]), true);
  assert.equal(isHealthy([GOOD, BAD]), false);
  assert.equal(isHealthy([{ ...BAD, state: "broken" }]), false);
});

Deno.test("renderDocument() fits its schema", () => {
  const document = renderDocument([GOOD, NOTE, BAD]);
  assert.deepEqual(STATUS_SCHEMA.parse(document), document);
  assert.equal(document.healthy, false);
  assert.equal(document.checks[0]?.next, null);
});

Deno.test("renderDuration() says the two largest units, renderSize() the one that fits", () => {
  const durations = [[0, "0 s"], [59.9, "59 s"], [60, "1 min"], [3_661, "1 h 1 min"], [
    90_000,
    "1 d 1 h",
  ]] as const;
  for (const [seconds, words] of durations) assert.equal(renderDuration(seconds), words);
  const sizes = [[0, "0 bytes"], [999, "999 bytes"], [1_000, "1.0 kB"], [1_234_567, "1.2 MB"]] as const;
  for (const [bytes, words] of sizes) assert.equal(renderSize(bytes), words);
});
