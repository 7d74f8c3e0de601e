/**
 * The official conformance suite judges the executable, and the parts it shares with the test build.
 *
 * @module
 */

import assert from "node:assert/strict";
import { makeHome, startAgentos } from "./agentos.ts";
import { startAuthProxy } from "./auth_proxy.ts";
import { runConformance, type Suite, type Verdict } from "./conformance.ts";
import { NOT_APPLICABLE } from "./conformance_baseline.ts";

const SUITES: readonly Suite[] = ["conformance", "conformanceNext"];

/** What any server can be held to as it is, without tools made for the suite. */
const GENERIC = ["server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection"];

for (const suite of SUITES) {
  Deno.test(`the executable passes every generic scenario of the ${suite} suite`, async () => {
    await using home = await makeHome();
    await using agentos = await startAgentos(home);
    await using proxy = startAuthProxy(agentos.port, await agentos.token());
    for (const scenario of GENERIC) {
      const verdicts = await runConformance(home, suite, proxy.url, { scenario });
      assert.deepEqual(verdicts, [{ scenario, outcome: "passed", failures: [] }]);
    }
  });
}
