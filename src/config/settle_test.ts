import assert from "node:assert/strict";
import fc from "fast-check";
import type { ConfigKey } from "./model.ts";
import { renderOrigin, settle } from "./settle.ts";

const PORT: ConfigKey = {
  type: { kind: "number", min: 0, max: 65535, whole: true },
  meaning: "a port",
  default: 8787,
  variable: "AGENTOS_PORT",
  flag: "--port",
};

Deno.test("settle() takes the flag before the variable, that before the file, that before the default", () => {
  const port = fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined });
  fc.assert(fc.property(port, port, port, (flag, variable, inFile) => {
    const file = inFile === undefined
      ? undefined
      : { value: inFile, origin: { from: "file", file: "config.toml", line: 3 } as const };
    const { value, candidates } = settle(
      PORT,
      { flag, variable: variable === undefined ? undefined : String(variable), file },
      "linux",
    );
    assert.equal(value, flag ?? variable ?? inFile ?? 8787);
    assert.deepEqual(candidates.map(({ origin }) => renderOrigin(origin)), [
      ...(flag === undefined ? [] : ["--port"]),
      ...(variable === undefined ? [] : ["AGENTOS_PORT"]),
      ...(inFile === undefined ? [] : ["config.toml:3"]),
      "default",
    ]);
  }));
});

Deno.test("settle() adds up what a key that adds was told", () => {
  const trusted: ConfigKey = {
    type: { kind: "paths" },
    meaning: "folders",
    default: [],
    variable: "TRUSTED",
    flag: "--trust",
    adds: true,
  };
  const file = { value: ["/c", "/a"], origin: { from: "file", file: "f", line: 1 } } as const;
  assert.deepEqual(settle(trusted, { flag: ["/a"], variable: "/b::/a", file }, "linux").value, [
    "/a",
    "/b",
    "/c",
  ]);
  assert.deepEqual(settle(trusted, { variable: "C:\\a;D:\\b" }, "windows").value, ["C:\\a", "D:\\b"]);
  assert.deepEqual(settle(trusted, {}, "linux").value, []);
});

Deno.test("settle() names the variable that it cannot use", () => {
  for (const variable of ["65536", "-1", "1e3", "80 ", "0x50", "http"]) {
    assert.throws(() => settle(PORT, { variable }, "linux"), {
      code: "config.invalid",
      message: `AGENTOS_PORT is "${variable}"; it must be a whole number from 0 to 65535`,
    });
  }
});
