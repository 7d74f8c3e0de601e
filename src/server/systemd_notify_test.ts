import assert from "node:assert/strict";
import { join } from "node:path";
import { notificationOf, notifySystemd, renderAddress } from "./systemd_notify.ts";

Deno.test("renderAddress() lays out paths and abstract names as sockaddr_un does", () => {
  assert.deepEqual([...renderAddress("/a")], [1, 0, 47, 97, 0]);
  assert.deepEqual([...renderAddress("@a")], [1, 0, 0, 97]);
  for (const wrong of ["", "/", "@", "a/b", `/${"a".repeat(108)}`, "vsock:2:1234"]) {
    assert.throws(() => renderAddress(wrong), TypeError, wrong);
  }
});

Deno.test("systemd is told when the server answers and when it ends, and nothing in between that changes nothing", () => {
  assert.equal(notificationOf({ kind: "listening", port: 1 }), undefined);
  assert.equal(notificationOf({ kind: "ready", wall: { state: "on", abi: 1 } }), "READY=1\nSTATUS=Serving");
  assert.match(notificationOf({ kind: "draining", signal: "SIGTERM" }) ?? "", /^STOPPING=1\n/);
});

Deno.test("notifySystemd() sends a datagram to the socket, and says when nobody takes it", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentos-notify-" });
  try {
    const path = join(folder, "notify");
    assert.throws(() => notifySystemd(path, "READY=1"), /nobody takes messages/);
    const listener = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--unstable-net",
        `const socket = Deno.listenDatagram({ transport: "unixpacket", path: Deno.args[0] });
         console.log("bound");
         console.log(new TextDecoder().decode((await socket.receive())[0]));`,
        path,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = listener.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "bound\n");
    notifySystemd(path, "READY=1\nSTATUS=Serving");
    assert.equal((await reader.read()).value, "READY=1\nSTATUS=Serving\n");
    await reader.cancel();
    assert.equal((await listener.status).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
