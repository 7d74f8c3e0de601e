/**
 * Someone hostile: keeps putting a link in the place of a folder and the folder back, as fast as the disk goes.
 *
 * @module
 */

import { postToParent, receiveFromParent } from "../../../server/worker_channel.ts";

/** What is swapped, and for how long. */
export interface FolderSwap {
  readonly folder: string;
  readonly target: string;
  readonly forMs: number;
}

receiveFromParent<FolderSwap>(({ folder, target, forMs }) => {
  const aside = `${folder}-aside`;
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    Deno.renameSync(folder, aside);
    Deno.symlinkSync(target, folder);
    Deno.removeSync(folder);
    Deno.renameSync(aside, folder);
  }
  postToParent("done");
});
