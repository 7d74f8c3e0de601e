import assert from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import { bearerOf, openToken } from "./token.ts";
import { ensureToken, randomToken, readToken } from "./token_file.ts";

const onPosix = { ignore: Deno.build.os === "windows" };

async function withFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-token-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function nextMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

Deno.test("ensureToken() makes 256 random bits for its user alone, once", () =>
  withFolder(async (folder) => {
    const path = `${folder}/token`;
    const { token } = ensureToken(path);
    assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(ensureToken(path).token, token);
    if (Deno.build.os !== "windows") assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["token"]);
    assert.notEqual(randomToken(), randomToken());
  }));

Deno.test(
  "readToken() refuses a file that is no secret and says what to do",
  onPosix,
  () =>
    withFolder(async (folder) => {
      const good = "t".repeat(43);
      const path = `${folder}/token`;
      const cases: readonly [() => void, RegExp, RegExp][] = [
        [
          () => Deno.writeTextFileSync(path, good, { mode: 0o640 }),
          /Others can read/,
          /^Run: chmod 600 .*token$/,
        ],
        [() => Deno.writeTextFileSync(path, good, { mode: 0o604 }), /Others can read/, /chmod 600/],
        [() => Deno.writeTextFileSync(path, "", { mode: 0o600 }), /fewer than 32/, /Remove the file/],
        [() => Deno.writeTextFileSync(path, "short", { mode: 0o600 }), /fewer than 32/, /Remove/],
        [() => Deno.writeTextFileSync(path, `${good} ${good}`, { mode: 0o600 }), /visible ASCII/, /Remove/],
        [() => Deno.writeTextFileSync(path, `ü${good}`, { mode: 0o600 }), /visible ASCII/, /Remove/],
        [() => Deno.writeTextFileSync(path, "t".repeat(5000), { mode: 0o600 }), /too large/, /Remove/],
        [() => Deno.mkdirSync(path, { mode: 0o700 }), /not a regular file/, /Remove/],
        [
          () => new Deno.Command("mkfifo", { args: ["-m", "600", path] }).outputSync(),
          /not a regular file/,
          /Remove/,
        ],
        [
          () => {
            Deno.writeTextFileSync(`${folder}/elsewhere`, good, { mode: 0o600 });
            Deno.symlinkSync(`${folder}/elsewhere`, path);
          },
          /symbolic link/,
          /Remove/,
        ],
        [() => Deno.symlinkSync(`${folder}/nowhere`, path), /symbolic link/, /Remove/],
      ];
      for (const [plant, message, hint] of cases) {
        plant();
        for (const read of [readToken, ensureToken]) {
          assert.throws(() => read(path), (error) => {
            assert.ok(error instanceof AppError);
            assert.equal(error.code, "token.unsafe");
            assert.match(error.message, message);
            assert.match(error.hint, hint);
            assert.doesNotMatch(error.message + error.hint, /tttt/);
            return true;
          });
        }
        await Deno.remove(path, { recursive: true });
      }
    }),
);

Deno.test(
  "openToken() follows its file: rotated, removed, opened to others, mended",
  onPosix,
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/token`;
      const told: string[] = [];
      const token = openToken(path, (error) => told.push(error.message));
      const first = readToken(path).token;
      assert.equal(token.matches(first), true);
      assert.equal(token.matches(first.slice(0, -1)), false);
      assert.equal(token.matches(`${first}x`), false);
      assert.equal(token.matches(""), false);

      const second = randomToken();
      await Deno.writeTextFile(`${folder}/new`, second, { mode: 0o600 });
      await Deno.rename(`${folder}/new`, path);
      await nextMillisecond();
      assert.deepEqual([token.matches(first), token.matches(second)], [false, true]);

      await Deno.chmod(path, 0o644);
      await nextMillisecond();
      assert.deepEqual([token.matches(second), token.matches(second)], [false, false]);
      assert.equal(told.length, 1);
      await Deno.chmod(path, 0o600);
      assert.equal(token.matches(second), true);

      await Deno.remove(path);
      await nextMillisecond();
      assert.deepEqual([token.matches(second), token.matches(second)], [false, false]);
      assert.equal(told.length, 2);
      await Deno.writeTextFile(path, first, { mode: 0o600 });
      assert.equal(token.matches(first), true);
    }),
);

Deno.test("bearerOf() reads one word after Bearer and nothing else", () => {
  const of = (authorization: string): string | undefined => bearerOf(new Headers({ authorization }));
  assert.equal(of("Bearer abc"), "abc");
  assert.equal(of("bEARER   abc"), "abc");
  for (
    const wrong of ["abc", "Bearer", "Bearer a b", "Basic abc", "xBearer abc", "Bearer a\tb", "Bearerabc"]
  ) {
    assert.equal(of(wrong), undefined, wrong);
  }
  assert.equal(bearerOf(new Headers({ cookie: "token=abc" })), undefined);
});
