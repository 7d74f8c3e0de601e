import assert from "node:assert/strict";
import { parsePushReport } from "./push_report.ts";

Deno.test("parsePushReport() reads every flag of git push --porcelain", () => {
  const report = parsePushReport([
    "To https://host/x.git",
    " \trefs/heads/main:refs/heads/main\t1111111..2222222",
    "+\trefs/heads/a:refs/heads/a\t1111111...3333333 (forced update)",
    "*\trefs/heads/b:refs/heads/b\t[new branch]",
    "-\t:refs/heads/c\t[deleted]",
    "=\trefs/tags/v1:refs/tags/v1\t[up to date]",
    "!\trefs/heads/d:refs/heads/d\t[rejected] (fetch first)",
    "!\trefs/heads/e:refs/heads/e\t[remote rejected] (pre-receive hook declined)",
    "Done",
  ].join("\n"));
  assert.deepEqual(report, {
    moved: [
      { ref: "refs/heads/main", kind: "updated", from: "1111111", to: "2222222", source: "refs/heads/main" },
      { ref: "refs/heads/a", kind: "forced", from: "1111111", to: "3333333", source: "refs/heads/a" },
      { ref: "refs/heads/b", kind: "created", source: "refs/heads/b" },
      { ref: "refs/heads/c", kind: "deleted", source: "" },
    ],
    rejected: [
      { ref: "refs/heads/d", reason: "fetch first" },
      { ref: "refs/heads/e", reason: "pre-receive hook declined" },
    ],
    upToDate: ["refs/tags/v1"],
  });
});

Deno.test("parsePushReport() passes over everything else", () => {
  assert.deepEqual(parsePushReport("Everything up-to-date\n\n?\tx\n"), {
    moved: [],
    rejected: [],
    upToDate: [],
  });
});
