/**
 * Writes small zip archives for tests of what reads them.
 *
 * @module
 */

/** A zip archive that holds these texts; `deflate` as VSCode's packager does it, else stored as they are. */
export async function makeZip(
  entries: Readonly<Record<string, string>>,
  deflate = true,
): Promise<Uint8Array<ArrayBuffer>> {
  const body: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(entries)) {
    const nameBytes = new Uint8Array(new TextEncoder().encode(name));
    const bytes = new Uint8Array(new TextEncoder().encode(text));
    const packed = deflate ? await deflated(bytes) : bytes;
    const common = [20, 0, deflate ? 8 : 0, 0, 0, 0, 0, packed.length, bytes.length, nameBytes.length, 0];
    const widths = [2, 2, 2, 2, 2, 0, 4, 4, 4, 2, 2];
    const local = record([0x04034b50, ...common], [4, ...widths]);
    body.push(local, nameBytes, packed);
    directory.push(
      record([0x02014b50, 20, ...common, 0, 0, 0, 0, offset], [4, 2, ...widths, 2, 2, 2, 4, 4]),
      nameBytes,
    );
    offset += local.length + nameBytes.length + packed.length;
  }
  const count = Object.keys(entries).length;
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record([0x06054b50, 0, 0, count, count, directoryBytes, offset, 0], [4, 2, 2, 2, 2, 4, 4, 2]);
  return new Uint8Array(await new Blob([...body, ...directory, end]).arrayBuffer());
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers, little end first, each of its width in bytes. */
function record(numbers: readonly number[], widths: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = numbers.flatMap((number, index) =>
    Array.from({ length: widths[index] ?? 0 }, (_, place) => Math.floor(number / 256 ** place) % 256)
  );
  return new Uint8Array(bytes);
}
