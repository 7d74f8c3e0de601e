/**
 * The inside of `landlock_test.ts`: a Worker with every permission of Deno, which goes behind the kernel wall and
 * then tries to leave.
 *
 * @module
 */

import { lockDown } from "./landlock.ts";
import { postToParent } from "./worker_channel.ts";

/** What the test sends. */
interface Job {
  readonly root: string;
  readonly readOnly: string;
  readonly outside: string;
  readonly listenPort: number;
  readonly neighbourPort: number;
  readonly upstreamPort: number;
}

globalThis.addEventListener("message", async (event) => {
  if (!(event instanceof MessageEvent)) return;
  const job: Job = event.data;
  // Pool threads from before the wall: the ones that would keep the right to read everything.
  await Promise.all(Array.from({ length: 8 }, () => Deno.readTextFile(`${job.outside}/secret.txt`)));
  const { wall, parked } = await lockDown({
    read: [job.readOnly],
    write: [job.root],
    listenPort: job.listenPort,
    connectPorts: [job.upstreamPort],
  });
  const attempts: Record<string, () => unknown> = {
    "read a hard-coded path": () => Deno.readTextFileSync(`${job.outside}/secret.txt`),
    "read through a link to a file": () => Deno.readTextFileSync(`${job.root}/link.txt`),
    "read through a linked folder": () => Deno.readTextFileSync(`${job.root}/folder/secret.txt`),
    "list through a linked folder": () => [...Deno.readDirSync(`${job.root}/folder`)],
    "write through a linked folder": () => Deno.writeTextFileSync(`${job.root}/folder/new.txt`, "x"),
    "write a hard-coded path": () => Deno.writeTextFileSync(`${job.outside}/new.txt`, "x"),
    "truncate through a link": () => Deno.truncateSync(`${job.root}/link.txt`),
    "rename out of the root": () => Deno.renameSync(`${job.root}/mine.txt`, `${job.root}/folder/mine.txt`),
    "remove through a linked folder": () => Deno.removeSync(`${job.root}/folder/secret.txt`),
    "write below a read-only folder": () => Deno.writeTextFileSync(`${job.readOnly}/new.txt`, "x"),
    "make a symbolic link": () => Deno.symlinkSync("/etc/passwd", `${job.root}/made`),
    "read /proc": () => Deno.readTextFileSync("/proc/self/environ"),
    "read asynchronously, 200 times": () =>
      Promise.any(Array.from({ length: 200 }, () => Deno.readTextFile(`${job.root}/link.txt`))),
    "connect to another port": () => connect(job.neighbourPort),
    "listen on another port": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  };
  const escaped: string[] = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    if (await succeeds(attempt)) escaped.push(name);
  }
  const rights: Record<string, () => unknown> = {
    "read a read-only folder": () => Deno.readTextFileSync(`${job.readOnly}/open.txt`),
    "write in the root": () => Deno.writeTextFileSync(`${job.root}/a.tmp`, "x"),
    "rename in the root": () => Deno.renameSync(`${job.root}/a.tmp`, `${job.root}/sub/a.txt`),
    "read in the root, asynchronously": () => Deno.readTextFile(`${job.root}/sub/a.txt`),
    "truncate in the root": () => Deno.truncateSync(`${job.root}/sub/a.txt`),
    "listen on its port": () => Deno.listen({ hostname: "127.0.0.1", port: job.listenPort }).close(),
    "connect to its upstream": () => connect(job.upstreamPort),
    "remove in the root": () => Deno.removeSync(`${job.root}/sub/a.txt`),
  };
  const lost: string[] = [];
  for (const [name, right] of Object.entries(rights)) {
    if (!await succeeds(right)) lost.push(name);
  }
  postToParent({ wall, escaped, lost, address: parked?.address });
});

async function connect(port: number): Promise<void> {
  (await Deno.connect({ hostname: "127.0.0.1", port })).close();
}

async function succeeds(attempt: () => unknown): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}
