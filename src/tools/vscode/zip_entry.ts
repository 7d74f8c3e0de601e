/**
 * Reading one small entry out of a zip archive. The format is PKWARE's APPNOTE 6.3; what is left out (zip64,
 * encryption, several disks) makes an archive unreadable here, never wrongly read.
 *
 * @module
 */

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
/** The end record without its comment, and with the longest one. */
const END_BYTES = 22;
const MAX_END_BYTES = END_BYTES + 0xffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * The bytes of the entry called `name`, or nothing when the file is no zip archive, or holds no such entry of
 * at most `maxBytes`.
 */
export async function readZipEntry(
  file: Deno.FsFile,
  name: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - MAX_END_BYTES), Math.min(size, MAX_END_BYTES));
  const end = lastSignature(tail, END_SIGNATURE);
  if (end === undefined) return undefined;
  const directoryBytes = end.getUint32(12, true);
  const directoryOffset = end.getUint32(16, true);
  if (directoryOffset + directoryBytes > size) return undefined;
  const entry = findEntry(await readAt(file, directoryOffset, directoryBytes), name);
  if (entry === undefined || entry.bytes > maxBytes || entry.packedBytes > maxBytes) return undefined;

  const header = view(await readAt(file, entry.offset, 30));
  if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL_SIGNATURE) return undefined;
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = await readAt(file, start, entry.packedBytes);
  const bytes = entry.method === STORED
    ? packed
    : entry.method === DEFLATED
    ? await inflate(packed, maxBytes)
    : undefined;
  return bytes?.length === entry.bytes ? bytes : undefined;
}

interface Entry {
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

function findEntry(directory: Uint8Array<ArrayBuffer>, name: string): Entry | undefined {
  const data = view(directory);
  for (let at = 0; at + 46 <= data.byteLength && data.getUint32(at, true) === DIRECTORY_SIGNATURE;) {
    const nameBytes = data.getUint16(at + 28, true);
    const found = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameBytes));
    if (found === name) {
      return {
        method: data.getUint16(at + 10, true),
        packedBytes: data.getUint32(at + 20, true),
        bytes: data.getUint32(at + 24, true),
        offset: data.getUint32(at + 42, true),
      };
    }
    at += 46 + nameBytes + data.getUint16(at + 30, true) + data.getUint16(at + 32, true);
  }
  return undefined;
}

/** The end record stands last, before a comment that nobody writes. */
function lastSignature(bytes: Uint8Array<ArrayBuffer>, signature: number): DataView | undefined {
  const data = view(bytes);
  for (let at = data.byteLength - END_BYTES; at >= 0; at--) {
    if (data.getUint32(at, true) === signature) return new DataView(bytes.buffer, bytes.byteOffset + at);
  }
  return undefined;
}

async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > maxBytes) return undefined;
      chunks.push(new Uint8Array(chunk));
    }
  } catch {
    return undefined;
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** As many of the bytes as the file has. */
async function readAt(file: Deno.FsFile, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function view(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
