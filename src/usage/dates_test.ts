import assert from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import {
  type DayOf,
  findLocalZone,
  isZoneGuessed,
  monthOf,
  openCalendar,
  parseTimeZone,
  shiftDay,
  weekOf,
} from "./dates.ts";

function calendarOf(name: string): DayOf {
  return openCalendar({ name, isLocal: false }).dayOf;
}

Deno.test("openCalendar() knows summer time", () => {
  const berlin = calendarOf("Europe/Berlin");
  // 2026-10-25: clocks go back at 01:00 UTC, so the day has 25 hours.
  assert.equal(berlin(Date.parse("2026-10-24T21:59:59Z")), "2026-10-24");
  assert.equal(berlin(Date.parse("2026-10-24T22:00:00Z")), "2026-10-25");
  assert.equal(berlin(Date.parse("2026-10-25T22:59:59Z")), "2026-10-25");
  assert.equal(berlin(Date.parse("2026-10-25T23:00:00Z")), "2026-10-26");
  assert.equal(calendarOf("Asia/Kathmandu")(Date.parse("2026-01-01T18:14:59Z")), "2026-01-01");
  assert.equal(calendarOf("Asia/Kathmandu")(Date.parse("2026-01-01T18:15:00Z")), "2026-01-02");
  assert.equal(calendarOf("UTC")(0), "1970-01-01");
});

Deno.test("openCalendar() says what the zone says, also where clocks change at midnight or a day is left out", () => {
  for (
    const [timeZone, around] of [
      ["Asia/Beirut", "2026-10-24T21:00:00Z"],
      ["America/Sao_Paulo", "2018-02-18T02:00:00Z"],
      ["Pacific/Apia", "2011-12-30T10:00:00Z"],
      ["America/Havana", "2026-11-01T05:00:00Z"],
      ["Asia/Kathmandu", "2026-01-01T18:15:00Z"],
    ] as const
  ) {
    const dayOf = calendarOf(timeZone);
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
    for (let minute = -3000; minute < 3000; minute += 7) {
      const at = Date.parse(around) + minute * 60_000;
      assert.equal(dayOf(at), format.format(at), `${timeZone} ${new Date(at).toISOString()}`);
    }
  }
  assert.equal(calendarOf("UTC")(8.64e15), "275760-09-13");
});

Deno.test("the machine's own zone is named as the runtime names it, and has the same days", async () => {
  const module = JSON.stringify(new URL("./dates.ts", import.meta.url));
  const script = `
    import { findLocalZone, openCalendar } from ${module};
    const zone = findLocalZone(Deno.env.get("TZ") || undefined, undefined);
    const name = new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const [own, runtime] = [openCalendar(zone).dayOf, openCalendar({ name, isLocal: false }).dayOf];
    const differing = [];
    for (let at = Date.UTC(1975, 0, 1); at < Date.UTC(2040, 0, 1); at += 61_919_777) {
      if (own(at) !== runtime(at)) differing.push(at);
    }
    console.log(JSON.stringify({ zone, name, differing }));`;
  for (
    const [variable, isLocal] of [
      ["UTC", true],
      ["Europe/Berlin", true],
      ["America/Sao_Paulo", true],
      ["Pacific/Apia", true],
      ["Asia/Kathmandu", false],
      ["America/Havana", true],
      ["US/Eastern", false],
      ["CET-1CEST", false],
      ["Nowhere/Land", false],
      [":Europe/Berlin", false],
    ] as const
  ) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--ext=ts", script],
      env: { TZ: variable },
      stderr: "inherit",
    }).output();
    const { zone, name, differing } = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual(zone, { name, isLocal }, variable);
    assert.deepEqual(differing, [], variable);
  }
});

Deno.test("findLocalZone() follows the system's link where no variable says more", () => {
  const found = (path: string): string => findLocalZone(undefined, path).name;
  assert.equal(found("/usr/share/zoneinfo/Europe/Berlin"), "Europe/Berlin");
  assert.equal(found("/usr/share/zoneinfo.default/Australia/Melbourne"), "Australia/Melbourne");
  assert.equal(found("/usr/share/zoneinfo/Etc/UTC"), "UTC");
  assert.equal(findLocalZone("Asia/Tokyo", "/usr/share/zoneinfo/Etc/UTC").name, "Asia/Tokyo");
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  assert.deepEqual(findLocalZone(undefined, "/etc/localtime"), { name: timeZone, isLocal: false });
  assert.deepEqual(findLocalZone(undefined, undefined), { name: timeZone, isLocal: false });
});

Deno.test("findLocalZone() reads a name behind a colon, and in the path of a zone's file", () => {
  const found = (variable: string, localtime?: string): string => {
    const zone = findLocalZone(variable, localtime);
    assert.equal(isZoneGuessed(variable, zone), false, variable);
    // The runtime's own clock may show another zone.
    if (zone.name !== "UTC") assert.equal(zone.isLocal, false);
    return zone.name;
  };
  const kolkata = new Intl.DateTimeFormat("en", { timeZone: "Asia/Kolkata" }).resolvedOptions().timeZone;
  assert.equal(found(":Europe/Berlin"), "Europe/Berlin");
  assert.equal(found(":Asia/Kolkata"), kolkata);
  assert.equal(found("/usr/share/zoneinfo/Asia/Kolkata"), kolkata);
  assert.equal(found(":/usr/share/zoneinfo/posix/Europe/Berlin"), "Europe/Berlin");
  assert.equal(found(":/etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo"), "Asia/Tokyo");
  assert.equal(found(":UTC"), "UTC");
});

Deno.test("isZoneGuessed() is true of a TZ that no zone is known by", () => {
  const utc = { name: "UTC", isLocal: false };
  for (
    const rule of ["<+0530>-5:30", "IST-5:30", "Nowhere/Land", ":Nowhere/Land", "/usr/share/zoneinfo/Nowhere"]
  ) {
    assert.equal(isZoneGuessed(rule, utc), true, rule);
  }
  for (const name of [undefined, "UTC", "UTC0", "GMT-0", "GMT", "Etc/UTC", ":UTC", "/etc/localtime"]) {
    assert.equal(isZoneGuessed(name, utc), false, name);
  }
  assert.equal(isZoneGuessed("Europe/Berlin", { name: "Europe/Berlin", isLocal: true }), false);
});

Deno.test("weekOf() counts as ISO 8601 does", () => {
  for (
    const [day, week] of [
      ["2026-11-23", "2026-W48"],
      ["2026-01-01", "2026-W01"],
      ["2027-01-03", "2026-W53"],
      ["2024-12-30", "2025-W01"],
      ["2021-01-03", "2020-W53"],
    ] as const
  ) assert.equal(weekOf(day), week);
  assert.equal(monthOf("2026-11-23"), "2026-11");
  assert.equal(shiftDay("2026-03-01", -1), "2026-02-28");
});

Deno.test("parseTimeZone() takes IANA names and suggests the one that was meant", async () => {
  assert.equal(await parseTimeZone("europe/berlin"), "Europe/Berlin");
  for (
    const [name, meant] of [["Europe/Berln", "Europe/Berlin"], ["berlin", "Europe/Berlin"], [
      "new york",
      "America/New_York",
    ]] as const
  ) {
    await assert.rejects(parseTimeZone(name), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "cli.usage");
      assert.ok(error.hint.includes(`"${meant}"`), error.hint);
      return true;
    });
  }
});

Deno.test("openCalendar() lets a number that is no time stand for no other", () => {
  for (const zone of [{ name: "UTC", isLocal: true }, { name: "Europe/Berlin", isLocal: false }]) {
    const { dayOf } = openCalendar(zone);
    for (const at of [Number.NaN, 1e300, -Infinity]) {
      assert.equal(dayOf(at), "");
      assert.equal(dayOf(Date.UTC(2026, 10, 23, 12)), "2026-11-23");
      assert.equal(dayOf(at), "");
    }
  }
});
