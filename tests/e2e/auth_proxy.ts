/**
 * Lets clients that cannot send a token talk to a server that asks for one.
 *
 * The conformance suite sends no Authorization header, and some of its checks are about exactly what arrives:
 * so this proxy works on bytes. It adds the one header, says `Connection: close`, puts the server's port where
 * its own stands in Host and Origin, and passes on everything else as it came.
 *
 * @module
 */

/** A running proxy. */
export interface AuthProxy extends AsyncDisposable {
  /** The server's MCP endpoint, seen through the proxy. */
  readonly url: string;
}

const HEAD_END = "\r\n\r\n";
const MAX_HEAD_BYTES = 64 * 1024;

/** Starts a proxy in front of `127.0.0.1:port` on a free port. Disposing closes it with all its connections. */
export function startAuthProxy(port: number, token: string): AuthProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const own = listener.addr.port;
  const connections = new Set<Disposable>();
  const accept = async (): Promise<void> => {
    for await (const client of listener) {
      connections.add(client);
      serve(client).catch(ignoreClosed).finally(() => release(client));
    }
  };
  const serve = async (client: Deno.TcpConn): Promise<void> => {
    const { head, rest } = await readHead(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    connections.add(server);
    try {
      await writeAll(server, new TextEncoder().encode(rewriteHead(head, token, own, port)));
      await writeAll(server, rest);
      const up = client.readable.pipeTo(server.writable, { preventClose: true }).catch(ignoreClosed);
      await server.readable.pipeTo(client.writable);
      release(client);
      await up;
    } finally {
      release(server);
    }
  };
  const release = (connection: Disposable): void => {
    if (connections.delete(connection)) connection[Symbol.dispose]();
  };
  const accepting = accept();
  return {
    url: `http://127.0.0.1:${own}/mcp`,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await accepting;
      for (const connection of [...connections]) release(connection);
    },
  };
}

/** Changes a request head as the module says; every line that it need not touch stays as it is. */
export function rewriteHead(head: string, token: string, ownPort: number, serverPort: number): string {
  const [start = "", ...lines] = head.slice(0, -HEAD_END.length).split("\r\n");
  const kept = lines.filter((line) => !/^connection:/i.test(line)).map((line) =>
    /^(host|origin):/i.test(line) ? line.replace(`:${ownPort}`, `:${serverPort}`) : line
  );
  return [start, ...kept, `Authorization: Bearer ${token}`, "Connection: close"].join("\r\n") + HEAD_END;
}

async function readHead(client: Deno.TcpConn): Promise<{ head: string; rest: Uint8Array }> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  // One character for each byte, so that places in the text are places in the buffer.
  const decoder = new TextDecoder("latin1");
  for (let length = 0; length < buffer.length;) {
    const read = await client.read(buffer.subarray(length));
    if (read === null) {
      throw new Deno.errors.UnexpectedEof("the client went away before its request was whole");
    }
    length += read;
    const text = decoder.decode(buffer.subarray(0, length));
    const end = text.indexOf(HEAD_END);
    if (end >= 0) {
      const cut = end + HEAD_END.length;
      return { head: text.slice(0, cut), rest: buffer.slice(cut, length) };
    }
  }
  throw new Deno.errors.InvalidData("the request head is too long");
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** Either side may hang up at any time, and closing the proxy hangs up on both: the other side sees that itself. */
function ignoreClosed(error: unknown): void {
  const expected = [
    Deno.errors.BadResource,
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.Interrupted,
    Deno.errors.UnexpectedEof,
  ];
  if (!expected.some((kind) => error instanceof kind)) throw error;
}
