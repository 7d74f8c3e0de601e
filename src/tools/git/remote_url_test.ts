import assert from "node:assert/strict";
import { parseRemoteUrl } from "./remote_url.ts";

Deno.test("parseRemoteUrl() reads URLs as git does", () => {
  const network = (protocol: string): unknown => ({ kind: "network", protocol });
  const folder = (path: string): unknown => ({ kind: "folder", path });
  const helper = (name: string): unknown => ({ kind: "helper", name });
  const cases: readonly (readonly [string, unknown])[] = [
    ["https://user:pass@host/x.git", network("https")],
    ["http://127.0.0.1:3000/x", network("http")],
    ["git://host/x", network("git")],
    ["ssh://git@host:22/x", network("ssh")],
    ["git+ssh://host/x", network("ssh")],
    ["git@github.com:ada/notes.git", network("ssh")],
    ["host:x", network("ssh")],
    ["./with:colon", folder("./with:colon")],
    ["/srv/git/x.git", folder("/srv/git/x.git")],
    ["../x", folder("../x")],
    ["", folder("")],
    ["file:///srv/a%20b", folder("/srv/a b")],
    ["file://host/srv/x", folder("/srv/x")],
    ["file:///%zz", helper("file")],
    ["ext::sh -c x", helper("ext")],
    ["a.b+c::x", helper("a.b+c")],
    ["ftp://host/x", helper("ftp")],
    ["EXT::x", helper("EXT")],
  ];
  for (const [url, expected] of cases) assert.deepEqual(parseRemoteUrl(url, "linux"), expected, url);
});

Deno.test("parseRemoteUrl() takes drives and shares for folders on Windows", () => {
  assert.deepEqual(parseRemoteUrl("C:\\git\\x", "windows"), { kind: "folder", path: "C:\\git\\x" });
  assert.deepEqual(parseRemoteUrl("C:/git/x", "linux"), { kind: "network", protocol: "ssh" });
  assert.deepEqual(parseRemoteUrl("file:///C:/git/x", "windows"), { kind: "folder", path: "C:/git/x" });
  assert.deepEqual(parseRemoteUrl("file://server/share", "windows"), {
    kind: "folder",
    path: "//server/share",
  });
});
