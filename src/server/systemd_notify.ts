/**
 * Telling systemd how the server is, for units of `Type=notify`: "start" then returns when the server answers, and not
 * when its process exists.
 *
 * A datagram to the socket that NOTIFY_SOCKET names, by the C library: Deno's own Unix datagram sockets are unstable
 * and must be bound to a file first (2.4.2 and 2.9.6). Source: sd_notify(3), systemd 252.
 *
 * @module
 */

import { openLibc } from "./libc.ts";
import type { SupervisorEvent } from "./supervisor.ts";

const AF_UNIX = 1;
/** SOCK_DGRAM | SOCK_CLOEXEC */
const DATAGRAM = 2 | 0o2000000;
/** MSG_NOSIGNAL */
const NO_SIGNAL = 0x4000;
/** `sun_path` of `struct sockaddr_un`. */
const MAX_PATH_BYTES = 108;

/** What systemd is told at an event; undefined when it is none of its business. */
export function notificationOf(event: SupervisorEvent): string | undefined {
  switch (event.kind) {
    case "ready":
      return "READY=1\nSTATUS=Serving";
    case "restarted":
      return "STATUS=Serving, after a crash of the worker";
    case "crashed":
      return "STATUS=The worker crashed and starts anew";
    case "draining":
      return "STOPPING=1\nSTATUS=Finishing what is running";
    case "listening":
    case "lost":
    case "ended":
      return undefined;
  }
}

/**
 * Sends one message.
 *
 * @param socket the value of NOTIFY_SOCKET: an absolute path, or `@` and an abstract name
 * @throws {TypeError} when the socket cannot be addressed or nobody takes the message
 */
export function notifySystemd(socket: string, message: string): void {
  const address = renderAddress(socket);
  const library = openLibc({
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = library;
  const descriptor = symbols.socket(AF_UNIX, DATAGRAM, 0);
  try {
    if (descriptor < 0) throw new TypeError("no socket can be opened");
    const bytes = new TextEncoder().encode(message);
    const sent = symbols.sendto(
      descriptor,
      bytes,
      BigInt(bytes.length),
      NO_SIGNAL,
      address,
      address.length,
    );
    if (sent < 0) throw new TypeError(`nobody takes messages at ${socket}`);
  } finally {
    if (descriptor >= 0) symbols.close(descriptor);
    library.close();
  }
}

/** `struct sockaddr_un` of a socket's name. */
export function renderAddress(socket: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(socket);
  if (!/^[/@]./.test(socket) || name.length >= MAX_PATH_BYTES) {
    throw new TypeError(`cannot address the socket "${socket}"`);
  }
  const isAbstract = socket.startsWith("@");
  // A path ends with a NUL, an abstract name begins with one and ends where the address does.
  const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  if (isAbstract) address[2] = 0;
  return address;
}
