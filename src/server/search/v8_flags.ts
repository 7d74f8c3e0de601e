/**
 * How V8 must be started so that a user's expression cannot run for ever: for the build, and for the searching
 * process when it runs from source.
 *
 * After so many steps back in one call V8 runs an expression again on its breadth-first engine, whose time is
 * linear in the text (experimental in V8 13.7 and 15.0; it knows neither lookaheads nor the flags `i` and `u`).
 * That engine is some fifty times slower, and V8's own limit of 50,000 is reached by `\w+Error` in an ordinary
 * file of 64 KiB. A million takes about 60 ms (measured 2026-11).
 *
 * @module
 */

/** The value of `--v8-flags`. */
export const V8_FLAGS =
  "--enable-experimental-regexp-engine-on-excessive-backtracks,--regexp-backtracks-before-fallback=1000000";
