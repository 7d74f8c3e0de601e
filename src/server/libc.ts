/**
 * The C library of a Linux system, by FFI. For the few things that only the kernel can do.
 *
 * @module
 */

/**
 * Opens the C library: glibc's, else musl's.
 *
 * @throws what `Deno.dlopen` throws when there is neither, or no right to use FFI
 */
export function openLibc<Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols> {
  try {
    return Deno.dlopen("libc.so.6", symbols);
  } catch {
    return Deno.dlopen(`libc.musl-${Deno.build.arch}.so.1`, symbols);
  }
}
