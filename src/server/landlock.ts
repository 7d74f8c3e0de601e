/**
 * The kernel wall: takes from the calling thread, for good, every file access outside the named folders.
 *
 * Landlock (Linux 5.13 and newer) holds the opened file itself, so a symbolic link, a folder swapped between
 * check and use, or a path that slipped past every check still ends at the wall; Deno's permissions follow links
 * inside a granted folder out of it. The wall covers the thread that asks for it and the threads it creates
 * later, never the supervisor and the programs that run there. This file knows nothing of roots or tools.
 *
 * Sources: linux/Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h (6.18);
 * man 2 futex (6.9). Seen to work on Deno 2.9.6 and 2.4.2, in `deno run` and in a compiled executable.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { openLibc } from "./libc.ts";

/** What stays allowed: folders with everything in them, and single files. Paths that do not exist are left out. */
export interface KernelRules {
  readonly read: readonly string[];
  /** Read, write, create, rename and remove; never links, devices or sockets. */
  readonly write: readonly string[];
  /** The TCP port that may be listened on, if any; no other. */
  readonly listenPort: number | undefined;
  /** The TCP ports that may be connected to, on any machine; no other. */
  readonly connectPorts: readonly number[];
}

/** Whether the kernel holds the wall. `abi` is Landlock's version; higher ones deny more kinds of access. */
export type KernelWall =
  | { readonly state: "on"; readonly abi: number }
  | { readonly state: "off"; readonly reason: string };

/** Threads of the runtime that existed before the wall and were put to sleep, so that they never work again. */
export interface ParkedThreads {
  /** Where they sleep; for {@link releaseParkedThreads}. */
  readonly address: bigint;
}

/** What {@link lockDown} did. */
export interface LockDown {
  readonly wall: KernelWall;
  readonly parked: ParkedThreads | undefined;
}

// landlock.h: LANDLOCK_ACCESS_FS_*
const access = {
  execute: 1n << 0n,
  writeFile: 1n << 1n,
  readFile: 1n << 2n,
  readDir: 1n << 3n,
  removeDir: 1n << 4n,
  removeFile: 1n << 5n,
  makeDir: 1n << 7n,
  makeRegular: 1n << 8n,
  refer: 1n << 13n,
  truncate: 1n << 14n,
  ioctlDevice: 1n << 15n,
} as const;

const readAccess = access.readFile | access.readDir;
const writeAccess = readAccess | access.writeFile | access.removeDir | access.removeFile | access.makeDir |
  access.makeRegular | access.refer | access.truncate;
/** Of all bits, those that a rule on a single file may carry; others make the kernel refuse the rule. */
const fileAccess = access.execute | access.writeFile | access.readFile | access.truncate | access.ioctlDevice;

const syscalls = {
  x86_64: { futex: 202n },
  aarch64: { futex: 98n },
} as const;
const sysCreateRuleset = 444n;
const sysAddRule = 445n;
const sysRestrictSelf = 446n;
const createRulesetVersion = 1n;
const rulePathBeneath = 1n;
const ruleNetPort = 2n;
// landlock.h: LANDLOCK_ACCESS_NET_*
const bindTcp = 1n;
const connectTcp = 2n;
const everyTcpAccess = bindTcp | connectTcp;
const prSetNoNewPrivs = 38;
const openPathOnly = 0x200000 | 0x80000; // O_PATH | O_CLOEXEC
const futexWait = 0n | 128n; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
const futexWake = 1n | 128n;
const futexCmpRequeue = 4n | 128n;
const everyWaiter = 0x7fffffffn;

/** More than the runtime's pool was ever seen to hold when the wall goes up (3, in `deno run`; 0 compiled). */
const parkedThreadCount = 16;
const parkingPatienceMs = 2_000;

const libcSymbols = {
  createRuleset: { name: "syscall", parameters: ["i64", "buffer", "i64", "i64"], result: "i64" },
  addRule: { name: "syscall", parameters: ["i64", "i64", "i64", "buffer", "i64"], result: "i64" },
  restrictSelf: { name: "syscall", parameters: ["i64", "i64", "i64"], result: "i64" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  park: {
    name: "syscall",
    parameters: ["i64", "u64", "i64", "i64", "i64"],
    result: "i64",
    nonblocking: true,
  },
  requeue: {
    name: "syscall",
    parameters: ["i64", "u64", "i64", "i64", "i64", "u64", "i64"],
    result: "i64",
  },
} as const;

type Libc = Deno.DynamicLibrary<typeof libcSymbols>;

/**
 * Puts the calling thread behind the wall, and what the runtime's pool does for it. Never throws: where the kernel
 * has no Landlock the answer says so, and the other walls remain. Call it when everything that needs more is open,
 * and before untrusted work starts.
 */
export async function lockDown(rules: KernelRules): Promise<LockDown> {
  const wall = lockDownThread(rules);
  if (wall.state === "off") return { wall, parked: undefined };
  try {
    return { wall, parked: await parkOlderThreads(openLibc(libcSymbols)) };
  } catch (error) {
    return { wall: { state: "off", reason: messageOf(error) }, parked: undefined };
  }
}

/**
 * Puts the calling thread alone behind the wall: enough for one that hands no file work to the runtime's pool,
 * using synchronous calls only. Never throws, as {@link lockDown}.
 */
export function lockDownThread(rules: KernelRules): KernelWall {
  if (Deno.build.os !== "linux") return { state: "off", reason: `${Deno.build.os} has no Landlock` };
  try {
    const libc = openLibc(libcSymbols);
    const abi = Number(libc.symbols.createRuleset(sysCreateRuleset, null, 0n, createRulesetVersion));
    if (abi < 1) return { state: "off", reason: "this kernel has no Landlock, or it is not enabled" };
    const failure = restrict(libc, abi, rules);
    return failure === undefined ? { state: "on", abi } : { state: "off", reason: failure };
  } catch (error) {
    return { state: "off", reason: messageOf(error) };
  }
}

/** Lets the threads that {@link lockDown} put to sleep end with their worker; called by the thread that outlives it. */
export function releaseParkedThreads(parked: ParkedThreads): void {
  const libc = openLibc(libcSymbols);
  libc.symbols.requeue(syscalls[Deno.build.arch].futex, parked.address, futexWake, everyWaiter, 0n, 0n, 0n);
  libc.close();
}

/** Every kind of access that this version of Landlock knows; what is handled and not granted is denied. */
export function handledAccess(abi: number): bigint {
  const bits = abi >= 5 ? 16n : abi >= 3 ? 15n : abi >= 2 ? 14n : 13n;
  return (1n << bits) - 1n;
}

/** Answers why it failed, or undefined. */
function restrict(libc: Libc, abi: number, rules: KernelRules): string | undefined {
  const handled = handledAccess(abi);
  const holdsTcp = abi >= 4;
  const attributes = new BigUint64Array(holdsTcp ? [handled, everyTcpAccess] : [handled]);
  const size = BigInt(attributes.byteLength);
  const ruleset = Number(libc.symbols.createRuleset(sysCreateRuleset, attributes, size, 0n));
  if (ruleset < 0) return "the kernel refused the Landlock ruleset";
  try {
    for (const path of rules.read) addRule(libc, ruleset, path, readAccess & handled);
    for (const path of rules.write) addRule(libc, ruleset, path, writeAccess & handled);
    if (holdsTcp) {
      if (rules.listenPort !== undefined) addPortRule(libc, ruleset, bindTcp, rules.listenPort);
      for (const port of rules.connectPorts) addPortRule(libc, ruleset, connectTcp, port);
    }
    if (libc.symbols.prctl(prSetNoNewPrivs, 1n, 0n, 0n, 0n) !== 0) return "the kernel refused no_new_privs";
    if (Number(libc.symbols.restrictSelf(sysRestrictSelf, BigInt(ruleset), 0n)) !== 0) {
      return "the kernel refused to restrict the thread";
    }
    return undefined;
  } finally {
    libc.symbols.close(ruleset);
  }
}

function addPortRule(libc: Libc, ruleset: number, allowed: bigint, port: number): void {
  const rule = new BigUint64Array([allowed, BigInt(port)]);
  libc.symbols.addRule(sysAddRule, BigInt(ruleset), ruleNetPort, rule, 0n);
}

function addRule(libc: Libc, ruleset: number, path: string, allowed: bigint): void {
  const descriptor = libc.symbols.open(new TextEncoder().encode(`${path}\0`), openPathOnly, 0);
  if (descriptor < 0) return;
  // struct landlock_path_beneath_attr is packed: u64 allowed_access, s32 parent_fd.
  const rule = new DataView(new ArrayBuffer(12));
  rule.setInt32(8, descriptor, true);
  try {
    for (const bits of [allowed, allowed & fileAccess]) {
      rule.setBigUint64(0, bits, true);
      const added = libc.symbols.addRule(sysAddRule, BigInt(ruleset), rulePathBeneath, rule.buffer, 0n);
      if (Number(added) === 0) return;
    }
  } finally {
    libc.symbols.close(descriptor);
  }
}

/**
 * The wall covers threads created after it, but the runtime may have idle pool threads from before, which would
 * do file work unrestricted. They are given a call that sleeps for ever; the pool then makes new threads, which
 * are behind the wall from birth.
 *
 * Sleeping threads are counted by moving them from one futex to another, so that nothing else runs before the
 * last one sleeps.
 */
async function parkOlderThreads(libc: Libc): Promise<ParkedThreads> {
  const { futex } = syscalls[Deno.build.arch];
  // Larger than what V8 keeps on its moving heap, so that the address holds.
  const words = new Int32Array(1024);
  const bed = Deno.UnsafePointer.value(Deno.UnsafePointer.of(words));
  const grave = bed + 2048n;
  for (let count = 0; count < parkedThreadCount; count++) {
    libc.symbols.park(futex, bed, futexWait, 0n, 0n).catch(() => undefined);
  }
  const deadline = performance.now() + parkingPatienceMs;
  for (let asleep = 0; asleep < parkedThreadCount;) {
    asleep += Math.max(
      0,
      Number(libc.symbols.requeue(futex, bed, futexCmpRequeue, 0n, everyWaiter, grave, 0n)),
    );
    if (performance.now() > deadline) {
      throw new Error("older threads of the runtime could not be put to sleep");
    }
    if (asleep < parkedThreadCount) await new Promise((resume) => setTimeout(resume, 1));
  }
  keepAlive.push(words);
  return { address: grave };
}

/** The memory that parked threads sleep on must live as long as they do. */
const keepAlive: Int32Array[] = [];
