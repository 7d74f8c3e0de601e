/**
 * Someone hostile: keeps putting a link in the place of a folder and the folder back, as fast as the disk goes.
 *
 * @module
 */

self.onmessage = ({ data }: MessageEvent<{ folder: string; target: string; forMs: number }>) => {
  const { folder, target, forMs } = data;
  const aside = `${folder}-aside`;
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    Deno.renameSync(folder, aside);
    Deno.symlinkSync(target, folder);
    Deno.removeSync(folder);
    Deno.renameSync(aside, folder);
  }
  self.postMessage("done");
};
