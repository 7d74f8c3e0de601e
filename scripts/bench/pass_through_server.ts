/**
 * What the gateway is compared with: the least program that passes a request on and its answer back, untouched.
 *
 * Run as `deno run -A pass_through_server.ts PORT UPSTREAM_URL HOW`: `pieces` reads and writes each piece of the answer,
 * as any program must that looks at it; `unseen` leaves it to the runtime, which moves it without waking the program.
 *
 * @module
 */

const [port, upstream = "", how] = Deno.args;

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => undefined }, async (request) => {
  const { headers, body } = await fetch(upstream, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: request.headers.get("authorization") ?? "",
    },
    body: await request.text(),
  });
  return new Response(how === "unseen" || body === null ? body : copy(body), {
    headers: { "content-type": headers.get("content-type") ?? "" },
  });
});

function copy(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
}
