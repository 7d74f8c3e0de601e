/**
 * A real systemd for one user, in namespaces of its own: the machine's own manager is neither needed nor touched.
 *
 * Seen to work as root on Linux 6.18 with systemd 252 (Debian 12), 2026-11. Where one of these is missing, the tests
 * that need it are reported as ignored.
 *
 * @module
 */

import { join } from "node:path";
import { type ProgramResult, runProgram } from "./program.ts";

/** Where a cgroup of the second version can be made; undefined where there is none. */
const CGROUPS = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((folder) =>
  isFile(`${folder}/cgroup.procs`) && isFile(`${folder}/cgroup.controllers`)
);

/** True where a user's systemd can be run apart from the machine's. */
export const CAN_RUN_USER_SYSTEMD = Deno.build.os === "linux" && Deno.uid() === 0 && CGROUPS !== undefined &&
  isFile("/lib/systemd/systemd") && isFile("/usr/bin/unshare") && isFile("/usr/bin/setpriv");

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** An ordinary user that the manager is run for: no one of the machine's. */
const USER_ID = 61_234;

/** How the user is made. */
export interface UserOptions {
  /** Root in a home like a user's: may run what only root can read, as clients from the cache of a checkout of root's. */
  readonly asRoot?: boolean;
  /** With a loopback of its own, so that every port is free. */
  readonly privateNetwork?: boolean;
}

/** True where {@link UserOptions.privateNetwork} can be had. */
export const CAN_SPLIT_NETWORK = isFile("/usr/sbin/ip") || isFile("/sbin/ip");

/** A user with a home, for whom scripts are run under a systemd of their own. */
export interface SystemdUser extends AsyncDisposable {
  /** Holds everything below; real path. */
  readonly folder: string;
  /** HOME; scripts see it as `/home/ada`. */
  readonly home: string;
  /** Runs a shell script as this user; the manager starts before it and ends after it. */
  run(script: string, env?: Readonly<Record<string, string>>, timeoutMs?: number): Promise<ProgramResult>;
}

/** Makes the user's folders; disposing removes them. */
export async function makeSystemdUser(options: UserOptions = {}): Promise<SystemdUser> {
  const { asRoot = false, privateNetwork = false } = options;
  const userId = asRoot ? 0 : USER_ID;
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agentos-user-" }));
  const home = join(folder, "home");
  const cgroup = `${CGROUPS}/agentos-test-${crypto.randomUUID()}`;
  await Deno.mkdir(home);
  await Deno.chmod(folder, 0o755);
  await Deno.chown(home, userId, userId);
  const removeCgroup = (): void => {
    for (const path of [`${cgroup}/init.scope`, `${cgroup}/app.slice`, cgroup]) {
      try {
        Deno.removeSync(path);
      } catch {
        // Not made, or gone.
      }
    }
  };
  return {
    folder,
    home,
    async run(script, env = {}, timeoutMs = 90_000): Promise<ProgramResult> {
      const file = join(folder, "script.sh");
      await Deno.writeTextFile(file, script);
      await Deno.mkdir(cgroup);
      try {
        return await runProgram({
          path: "unshare",
          args: [
            ...["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"],
            ...privateNetwork ? ["--net"] : [],
            ...["sh", join(import.meta.dirname ?? "", "user_systemd.sh")],
          ],
          cwd: folder,
          env: {
            USER_ID: String(userId),
            ...privateNetwork ? { PRIVATE_NETWORK: "1" } : {},
            USER_NAME: "ada",
            USER_HOME: home,
            CGROUP: cgroup,
            SCRIPT: file,
            LANG: "C.UTF-8",
            ...env,
          },
          timeoutMs,
        });
      } finally {
        removeCgroup();
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
