import { deepEqual, equal } from "node:assert/strict";
import { parseToml } from "./toml_values.ts";

const place = (text: string): string => {
  const parsed = parseToml(text);
  return parsed.kind === "table" ? "TOML" : `${parsed.problem.line}:${parsed.problem.column}`;
};

const IMPOSSIBLE = [
  "2021-02-30",
  "2021-02-29",
  "1900-02-29",
  "2021-04-31",
  "2021-11-31T10:00:00Z",
  "2021-02-29 10:00:00.5",
  "99999999999999999999",
  "9223372036854775808",
  "-9223372036854775809",
  "+9_223_372_036_854_775_808",
  "0x1_0000_0000_0000_0000",
  "0o7777777777777777777777",
  `0b1${"0".repeat(64)}`,
];
const POSSIBLE = [
  "2020-02-29",
  "2000-02-29T00:00:00Z",
  "2021-01-31",
  "9223372036854775807",
  "-9223372036854775808",
  "0xDEAD_BEEF_0000_0001",
  `0b${"1".repeat(64)}`,
  "9007199254740993",
  "99999999999999999999.0",
  "99999999999999999999e1",
  '"2021-02-30 99999999999999999999"',
  "'''\n2021-02-30\n'''",
];

Deno.test("parseToml() refuses days and whole numbers that TOML does not have, with their place", () => {
  for (const value of IMPOSSIBLE) {
    equal(place(`x = 1\nd = ${value}\n`), "2:5", value);
    equal(
      place(`# ${value}\r\n"${value}" = "${value}"\r\n[t]\r\nd = [ 1, { k = ${value} } ]\r\n`),
      "4:16",
      value,
    );
  }
});

Deno.test("parseToml() takes every other date and number, and such text in strings, comments and keys", () => {
  for (const value of POSSIBLE) equal(place(`d = ${value}\n`), "TOML", value);
  for (const value of IMPOSSIBLE) {
    equal(place(`# ${value}\n"${value}" = '${value}' # ${value}\nx = """\n${value}\n"""\n`), "TOML", value);
  }
  equal(place("2021-02-30 = 1\n2021-02-31 = 2\n99999999999999999999 = 3\nx.2021-02-30 = 4\n"), "TOML");
  equal(place("2021-02-30 = 9223372036854775808\n"), "1:14");
});

Deno.test("parseToml() names the first of several", () => {
  const text = Array.from({ length: 50 }, (_, at) => `k${at} = "2021-02-30"\n`).join("");
  equal(place(`${text}a = 2021-02-30\nb = 2021-02-30\n`), "51:5");
  deepEqual(parseToml("a = 2021-06-31\n"), {
    kind: "problem",
    problem: { line: 1, column: 5, message: "there is no day 2021-06-31" },
  });
});
