import assert from "node:assert/strict";
import { freePort } from "../../tests/free_port.ts";
import { handledAccess, lockDown, releaseParkedThreads } from "./landlock.ts";

Deno.test("handledAccess() asks each version of the kernel only for what it knows", () => {
  assert.equal(handledAccess(1), 0x1fffn);
  assert.equal(handledAccess(2), 0x3fffn);
  assert.equal(handledAccess(3), 0x7fffn);
  assert.equal(handledAccess(4), 0x7fffn);
  assert.equal(handledAccess(5), 0xffffn);
  assert.equal(handledAccess(9), 0xffffn);
});

Deno.test({
  name: "lockDown() says why there is no wall where the kernel has none",
  ignore: Deno.build.os === "linux",
  async fn(): Promise<void> {
    const { wall } = await lockDown({ read: [], write: [], listenPort: undefined, connectPorts: [] });
    assert.equal(wall.state, "off");
  },
});

Deno.test({
  name: "lockDown() keeps a worker with all of Deno's permissions inside its folders, on every thread",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const base = Deno.realPathSync(await Deno.makeTempDir());
    const [root, readOnly, outside] = [`${base}/root`, `${base}/read-only`, `${base}/outside`];
    for (const folder of [root, readOnly, outside, `${root}/sub`]) Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${outside}/secret.txt`, "secret");
    Deno.writeTextFileSync(`${readOnly}/open.txt`, "open");
    Deno.writeTextFileSync(`${root}/mine.txt`, "mine");
    Deno.symlinkSync(`${outside}/secret.txt`, `${root}/link.txt`);
    Deno.symlinkSync(outside, `${root}/folder`);
    const listenPort = freePort();
    using neighbour = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using upstream = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const worker = new Worker(import.meta.resolve("./landlock_test_worker.ts"), { type: "module" });
    try {
      const answer = await new Promise<MessageEvent["data"]>((resolve, reject) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({
          root,
          readOnly,
          outside,
          listenPort,
          neighbourPort: neighbour.addr.port,
          upstreamPort: upstream.addr.port,
        });
      });
      if (answer.wall.state === "off") {
        // Only a kernel without Landlock may say so; this one is asked directly.
        assert.match(answer.wall.reason, /no Landlock/);
        return;
      }
      assert.deepEqual(answer.escaped, []);
      assert.deepEqual(answer.lost, []);
      assert.ok(answer.wall.abi >= 1);
      assert.equal(Deno.readTextFileSync(`${outside}/secret.txt`), "secret", "this thread stays free");
      assert.deepEqual([...Deno.readDirSync(outside)].map((entry) => entry.name), ["secret.txt"]);
      worker.terminate();
      releaseParkedThreads({ address: answer.address });
    } finally {
      worker.terminate();
      await Deno.remove(base, { recursive: true });
    }
  },
});
