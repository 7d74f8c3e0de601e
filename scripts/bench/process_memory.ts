/**
 * How much memory another process holds, in MB of a million bytes (proc(5), Linux).
 *
 * @module
 */

/** What it holds now. */
export function readResidentMb(pid: number): number {
  return readMb(pid, "VmRSS");
}

/** The most that it ever held; 0 when it has ended. */
export function readPeakMb(pid: number): number {
  try {
    return readMb(pid, "VmHWM");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** The system says "kB" and means 1024 bytes. A process that is being ended has no such line any more. */
function readMb(pid: number, name: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024 / 1e6;
}
