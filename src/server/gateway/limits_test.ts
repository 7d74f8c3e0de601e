import assert from "node:assert/strict";
import { AppError } from "../../base/errors.ts";
import { makeLimits } from "./limits.ts";
import { type GatewaySettings, type Limit, NO_GATEWAY } from "./settings.ts";

const NONE: Limit = { maxCostPerDayUsd: undefined, maxRequestsPerMinute: undefined };
const noon = new Date(2026, 10, 25, 12).getTime();
const HOUR_MS = 3_600_000;

function settings(limit: Partial<Limit>, modelLimits: GatewaySettings["modelLimits"] = {}): GatewaySettings {
  return { ...NO_GATEWAY, limit: { ...NONE, ...limit }, modelLimits };
}

function refusal(enter: () => void): string {
  try {
    enter();
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "gateway.limit");
    return error.message;
  }
  return "";
}

Deno.test("without limits everything is let in", () => {
  const limits = makeLimits(settings({}), [{ model: "m", at: noon, costUsd: 1e9 }]);
  for (let count = 0; count < 1000; count++) limits.enter("m", noon);
});

Deno.test("requests a minute: the window slides, and a refused request does not count", () => {
  const limits = makeLimits(settings({ maxRequestsPerMinute: 2 }), []);
  limits.enter("a", noon);
  limits.enter("b", noon + 30_000);
  for (let count = 0; count < 5; count++) {
    assert.equal(
      refusal(() => limits.enter("a", noon + 59_000)),
      "Your limit for all models is reached: 2 requests a minute",
    );
  }
  limits.enter("a", noon + 60_000);
  assert.notEqual(refusal(() => limits.enter("a", noon + 61_000)), "");
});

Deno.test("cost a day: what was spent before the start counts, yesterday does not, and midnight ends it", () => {
  const limits = makeLimits(settings({ maxCostPerDayUsd: 1 }), [
    { model: "m", at: noon - 24 * HOUR_MS, costUsd: 50 },
    { model: "m", at: noon - HOUR_MS, costUsd: 0.75 },
  ]);
  limits.enter("m", noon);
  limits.spend({ model: "other", at: noon, costUsd: 0.25 });
  assert.equal(
    refusal(() => limits.enter("m", noon)),
    "Your limit for all models is reached: $1.00 of $1 spent today",
  );
  limits.enter("m", noon + 13 * HOUR_MS);
});

Deno.test("a limit of one model holds that model alone", () => {
  const limits = makeLimits(
    settings({}, { m: { ...NONE, maxCostPerDayUsd: 0.5, maxRequestsPerMinute: 9 } }),
    [],
  );
  limits.spend({ model: "other", at: noon, costUsd: 5 });
  limits.enter("m", noon);
  limits.spend({ model: "m", at: noon, costUsd: 0.5 });
  assert.match(
    refusal(() => limits.enter("m", noon)),
    /^Your limit for the model "m" is reached: \$0\.50 of \$0\.5/,
  );
  limits.enter("other", noon);
});
