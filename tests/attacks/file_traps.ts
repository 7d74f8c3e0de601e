/**
 * What the attacks on files share: every tool that takes a path, what must be untouched afterwards, how long and how
 * large an answer may be, and special files to trip over.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { SECRET, type ToolReply, type Victim } from "./victim.ts";

/** One call of a tool. */
export interface Call {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Part of the secret: an answer that repeats what was asked does not thereby give the secret away. */
export const PART_OF_SECRET = "secret-outside";

/** Each reading tool, asked for this path. */
export function readingCalls(path: string): readonly Call[] {
  return [
    { tool: "agentOS_fs_read", input: { path } },
    { tool: "agentOS_fs_list", input: { path, depth: 8, hidden: true } },
    { tool: "agentOS_fs_search", input: { path, query: PART_OF_SECRET } },
  ];
}

/** Each writing tool, asked for this path. */
export function writingCalls(path: string): readonly Call[] {
  return [
    { tool: "agentOS_fs_write", input: { path, content: "stolen" } },
    {
      tool: "agentOS_fs_write",
      input: { path: `${path}/new/deep.txt`, content: "stolen", createDirs: true },
    },
    { tool: "agentOS_fs_replace", input: { path, oldText: PART_OF_SECRET, newText: "stolen" } },
  ];
}

/** Both git tools, asked for this path. */
export function gitCalls(path: string): readonly Call[] {
  return [
    { tool: "agentOS_git_commit", input: { cwd: path, message: "stolen" } },
    { tool: "agentOS_git_push", input: { cwd: path } },
  ];
}

/** Every tool that takes a path. */
export function allCalls(path: string): readonly Call[] {
  return [...readingCalls(path), ...writingCalls(path), ...gitCalls(path)];
}

/** Calls a tool; fails when it takes longer than `limitMs`, or answers more than 10 kB in either form. */
export async function ask(victim: Victim, { tool, input }: Call, limitMs = 20_000): Promise<ToolReply> {
  const reply = await victim.call(tool, input, AbortSignal.timeout(limitMs)).catch((cause) => {
    throw new Error(`${tool} did not answer ${JSON.stringify(input).slice(0, 300)}`, { cause });
  });
  for (const form of [reply.text, JSON.stringify(reply.data)]) {
    const sizeBytes = new TextEncoder().encode(form).length;
    ok(sizeBytes <= 10_240, `${tool} answered ${sizeBytes} bytes: ${form.slice(0, 200)}`);
  }
  return reply;
}

/** Fails when anything outside the writable root was changed, added or taken away. */
export async function requireUntouched({ home, outside, readOnlyRoot }: Victim): Promise<void> {
  for (const folder of [outside, `${home.root}-sibling`]) {
    deepEqual(await namesIn(folder), ["secret.txt"]);
    equal(await Deno.readTextFile(join(folder, "secret.txt")), `${SECRET}\n`);
  }
  deepEqual(await namesIn(readOnlyRoot), ["manual.txt"]);
  equal(await Deno.readTextFile(join(readOnlyRoot, "manual.txt")), "read me\n");
  deepEqual(await namesIn(home.folder), ["home", "outside", "reference", "tmp", "work", "work-sibling"]);
}

/** The names in a folder, in order. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** Gives an attack a folder of its own below the root, and takes it away again. */
export async function inFolder(victim: Victim, attack: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: victim.home.root, prefix: "trap-" });
  try {
    await attack(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a program that must succeed. */
export async function runSetup(program: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Whether the test may make devices, mounts and files of other users. */
export const IS_ROOT = Deno.build.os === "linux" && Deno.uid() === 0;

/**
 * Makes one of each kind of thing that is neither file nor folder, and answers their paths. As root also a device,
 * which is as endless as /dev/zero.
 */
export async function makeSpecials(folder: string): Promise<AsyncDisposable & { readonly paths: string[] }> {
  const [fifo, socket, device] = ["fifo", "socket", "device"].map((name) => join(folder, name));
  ok(fifo && socket && device);
  await runSetup("mkfifo", fifo);
  const listener = Deno.listen({ transport: "unix", path: socket });
  if (IS_ROOT) await runSetup("mknod", device, "c", "1", "5");
  return {
    paths: IS_ROOT ? [fifo, socket, device] : [fifo, socket],
    [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      return Promise.resolve();
    },
  };
}

/**
 * Runs an attack on the server's time, and fails when anybody else has to wait for more than `limitMs` meanwhile.
 * Answers what the attack got; undefined when it was still at work after `patienceMs` and was cancelled.
 */
export async function requireAwake(
  victim: Victim,
  { tool, input }: Call,
  patienceMs = 15_000,
  limitMs = 4_000,
): Promise<ToolReply | undefined> {
  let isOver = false;
  const attack = victim.call(tool, input, AbortSignal.timeout(patienceMs)).catch(() => undefined);
  attack.finally(() => isOver = true);
  while (!isOver) {
    await new Promise((resume) => setTimeout(resume, 100));
    const response = await fetch(`http://127.0.0.1:${victim.server.port}/health`, {
      signal: AbortSignal.timeout(limitMs),
    }).catch((cause) => {
      throw new Error(`${tool} kept the whole server from answering for ${limitMs} ms`, { cause });
    });
    await response.body?.cancel();
  }
  return await attack;
}
