import assert from "node:assert/strict";
import { watchNames } from "./name_watch.ts";

const linux = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "watchNames() notices a file that was replaced, and not one that was written anew",
  linux,
  async () => {
    const folder = Deno.realPathSync(await Deno.makeTempDir());
    try {
      const file = `${folder}/resolv.conf`;
      Deno.writeTextFileSync(file, "nameserver 192.0.2.1\n");
      const check = watchNames([`${folder}/run`], file);
      assert.equal(check(), undefined);
      Deno.writeTextFileSync(file, "nameserver 192.0.2.2\n");
      assert.equal(check(), undefined);
      Deno.writeTextFileSync(`${file}.new`, "nameserver 192.0.2.2\n");
      Deno.renameSync(`${file}.new`, file);
      assert.match(
        check() ?? "",
        /resolv\.conf was replaced, and the kernel lets this worker read the old one only/,
      );
      assert.equal(watchNames([], file)(), undefined, "a worker that starts now reads the new one");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("watchNames() leaves links into folders alone that the worker may read", linux, async () => {
  const folder = Deno.realPathSync(await Deno.makeTempDir());
  try {
    const [file, run] = [`${folder}/resolv.conf`, `${folder}/run`];
    Deno.mkdirSync(run);
    Deno.writeTextFileSync(`${run}/a`, "");
    Deno.symlinkSync(`${run}/a`, file);
    const check = watchNames([run], file);
    Deno.writeTextFileSync(`${run}/b`, "");
    Deno.renameSync(`${run}/b`, `${run}/a`);
    assert.equal(check(), undefined);
    Deno.removeSync(file);
    assert.match(check() ?? "", /was replaced/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
