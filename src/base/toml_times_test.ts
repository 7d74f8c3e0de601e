import { equal, ok } from "node:assert/strict";
import { parseToml, valueAt, valuesEqual } from "./toml_values.ts";

function areEqual(left: string, right: string): boolean {
  const [one, other] = [parseToml(left), parseToml(right)];
  ok(one.kind === "table", left);
  ok(other.kind === "table", right);
  return valuesEqual(one.table, other.table);
}

const TIMES = [
  "07:32:00.123456",
  "1979-05-27T00:32:00.999999-07:00",
  "1979-05-27T07:32:00.999999999Z",
  "1979-05-27 07:32:00.0001",
  "23:59:60",
  "1990-12-31T23:59:60Z",
  "2016-12-31T23:59:60.5",
];

Deno.test("valuesEqual() tells times apart by every digit, and a leap second from the one before", () => {
  for (const time of TIMES) {
    const other = time.includes(":60")
      ? time.replace(":60", ":59")
      : time.replace(/\d(?=(?:Z|-\d\d:\d\d)?$)/, (digit) => String((Number(digit) + 1) % 10));
    ok(other !== time);
    for (
      const around of ["d = X\n", "[[t]]\nd = [1, { a = 07:00, b = X }] # 07:32\n", '"07:32:00.1" = X\n']
    ) {
      const put = (value: string): string => around.replace("X", value);
      ok(areEqual(put(time), put(time)), time);
      ok(!areEqual(put(time), put(other)), `${time} and ${other}`);
    }
  }
});

Deno.test("valuesEqual() takes zeros at the end of a fraction for nothing", () => {
  ok(areEqual("d = 07:32:00.123456\n", "d = 07:32:00.123456000\n"));
  ok(areEqual("d = 07:32:00.1\ne = 07:32:00.00001\n", "d = 07:32:00.100000\ne = 07:32:00.00001\n"));
});

Deno.test("parseToml() leaves text that looks like a time as it is, and names as they are", () => {
  const parsed = parseToml(
    '__proto__ = 1\n"23:59:60" = "23:59:60 07:32:00.123456"\nd = 07:32:00.123456\n[x]\ny = 23:59:60\n',
  );
  ok(parsed.kind === "table");
  equal(valueAt(parsed.table, ["23:59:60"]), "23:59:60 07:32:00.123456");
  equal(valueAt(parsed.table, ["__proto__"]), 1);
});

Deno.test("parseToml() refuses seconds that no minute has, with their place", () => {
  for (const value of ["23:59:61", "07:60:60", "24:00:60", "1990-13-31T23:59:60Z"]) {
    const parsed = parseToml(`a = 1\r\nb = 23:59:60\r\nc = ${value}\r\n`);
    ok(parsed.kind === "problem", value);
    equal(`${parsed.problem.line}:${parsed.problem.column}`, "3:5");
  }
});
