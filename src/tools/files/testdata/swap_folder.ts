/**
 * Someone hostile: keeps putting a link in the place of a folder and the folder back, as fast as the disk goes.
 *
 * @module
 */

/** What is swapped, and for how long. */
export interface FolderSwap {
  readonly folder: string;
  readonly target: string;
  readonly forMs: number;
}

globalThis.addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent)) return;
  const { folder, target, forMs }: FolderSwap = event.data;
  const aside = `${folder}-aside`;
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    Deno.renameSync(folder, aside);
    Deno.symlinkSync(target, folder);
    Deno.removeSync(folder);
    Deno.renameSync(aside, folder);
  }
  const scope: object = globalThis;
  if ("postMessage" in scope && typeof scope.postMessage === "function") scope.postMessage("done");
});
