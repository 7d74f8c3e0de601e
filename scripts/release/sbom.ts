/**
 * The SBOM: what the executable is made of, from the lock file, as CycloneDX 1.6. Pure; the same lock gives the same
 * bytes, so it carries neither a time nor a number of its own.
 *
 * Source: CycloneDX v1.6 JSON reference, read 2026-11; purl: package-url/purl-spec, type `npm`.
 *
 * @module
 */

/** The part of `deno.lock` (version 5) that is read. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

/** A package with what it pulls in. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly sha512: string;
  readonly dependencies: readonly string[];
}

/** What is described. */
export interface SbomSubject {
  readonly version: string;
  /** Of the Deno whose runtime is inside. */
  readonly denoVersion: string;
  /** Names of the packages that the shipped code imports by itself. */
  readonly imported: readonly string[];
}

/** The SBOM as JSON text. Packages that only build and tests use are listed as `excluded`. */
export function renderSbom(lock: Lock, subject: SbomSubject): string {
  const packages = readPackages(lock);
  const shipped = closure(packages, subject.imported.map((name) => keyOf(lock, packages, name)));
  const main = `agentos@${subject.version}`;
  const deno = `deno@${subject.denoVersion}`;
  const components = [
    {
      "type": "platform",
      "bom-ref": deno,
      "name": "deno",
      "version": subject.denoVersion,
      "scope": "required",
      "purl": `pkg:github/denoland/deno@v${subject.denoVersion}`,
      "licenses": [{ license: { id: "MIT" } }],
    },
    ...[...packages].map(([key, { name, version, sha512 }]) => ({
      "type": "library",
      "bom-ref": key,
      "name": name,
      "version": version,
      "scope": shipped.has(key) ? "required" : "excluded",
      "purl": `pkg:npm/${name.replace("@", "%40")}@${version}`,
      "hashes": [{ alg: "SHA-512", content: sha512 }],
    })),
  ];
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "type": "application",
        "bom-ref": main,
        "name": "agentos",
        "version": subject.version,
        "licenses": [{ license: { id: "MIT" } }],
      },
    },
    components,
    dependencies: [
      {
        ref: main,
        dependsOn: [deno, ...subject.imported.map((name) => keyOf(lock, packages, name))].toSorted(),
      },
      ...[...packages].map(([key, { dependencies }]) => ({ ref: key, dependsOn: dependencies })),
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function readPackages({ npm }: Lock): ReadonlyMap<string, Package> {
  const keys = Object.keys(npm).toSorted();
  const packages = new Map<string, Package>();
  for (const key of keys) {
    const entry = npm[key];
    const at = key.indexOf("@", 1);
    const [version = ""] = key.slice(at + 1).split("_");
    if (entry === undefined || at < 1) continue;
    packages.set(key, {
      name: key.slice(0, at),
      version,
      sha512: hexOf(entry.integrity),
      dependencies: (entry.dependencies ?? []).map((name) => resolve(keys, name)).toSorted(),
    });
  }
  return packages;
}

/** The lock names a dependency alone where it has one version, else with it, and shortens what follows. */
function resolve(keys: readonly string[], name: string): string {
  const found = keys.find((key) => key === name) ??
    keys.find((key) => key.startsWith(name.includes("@", 1) ? `${name}_` : `${name}@`));
  if (found === undefined) throw new TypeError(`deno.lock has no package "${name}"`);
  return found;
}

/** The key of a package that is imported by its name. */
function keyOf(lock: Lock, packages: ReadonlyMap<string, Package>, name: string): string {
  const specifier = Object.keys(lock.specifiers).find((text) =>
    text.startsWith(`npm:${name}@`) && !text.endsWith("@*")
  );
  const key = specifier === undefined ? undefined : `${name}@${lock.specifiers[specifier]}`;
  if (key === undefined || !packages.has(key)) throw new TypeError(`deno.lock has no package "${name}"`);
  return key;
}

function closure(packages: ReadonlyMap<string, Package>, starts: readonly string[]): ReadonlySet<string> {
  const reached = new Set(starts);
  for (const key of reached) packages.get(key)?.dependencies.forEach((next) => reached.add(next));
  return reached;
}

function hexOf(integrity: string): string {
  const base64 = /^sha512-(.+)$/.exec(integrity)?.[1];
  if (base64 === undefined) {
    throw new TypeError(`deno.lock has an integrity that is not SHA-512: ${integrity}`);
  }
  return Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
