/**
 * The official conformance suite judges the executable, and the parts it shares with the test build.
 *
 * @module
 */

import assert from "node:assert/strict";
import { makeHome, startAgentos } from "./agentos.ts";
import { startAuthProxy } from "./auth_proxy.ts";
import { runConformance, type Suite } from "./conformance.ts";
import { NOT_APPLICABLE } from "./conformance_baseline.ts";
import { startConformanceServer } from "./conformance_server.ts";

const SUITES: readonly Suite[] = ["conformance", "conformanceNext"];

/** What any server can be held to as it is, without tools made for the suite; by name. */
const GENERIC = ["dns-rebinding-protection", "ping", "resources-list", "server-initialize", "tools-list"];

for (const suite of SUITES) {
  Deno.test(`the executable passes every generic scenario of the ${suite} suite`, async () => {
    await using home = await makeHome();
    await using agentos = await startAgentos(home);
    await using proxy = startAuthProxy(agentos.port, await agentos.token());
    const verdicts = await runConformance(home, suite, proxy.url);
    assert.deepEqual(
      verdicts.filter((verdict) => GENERIC.includes(verdict.scenario)),
      GENERIC.map((scenario) => ({ scenario, outcome: "passed", failures: [] })),
    );
  });

  Deno.test(`the test build passes every scenario of the ${suite} suite that applies to it`, async () => {
    await using home = await makeHome();
    await using server = await startConformanceServer(home);
    await using proxy = startAuthProxy(server.port, server.token);
    const verdicts = await runConformance(home, suite, proxy.url);
    const failed = verdicts.filter((verdict) => verdict.outcome !== "passed");
    const listed = Object.keys(NOT_APPLICABLE).filter((scenario) =>
      verdicts.some((verdict) => verdict.scenario === scenario)
    );
    assert.deepEqual(
      failed.map((verdict) => verdict.scenario),
      listed.sort(),
      JSON.stringify(failed, null, 2),
    );
    if (suite === "conformanceNext") {
      assert.equal(listed.length, Object.keys(NOT_APPLICABLE).length, "a listed scenario does not exist");
    }
    assert.ok(verdicts.length - failed.length >= 20, `only ${verdicts.length} scenarios were judged`);
  });
}
