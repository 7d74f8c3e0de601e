/**
 * How long to wait before a crashed worker is started again. Pure.
 *
 * @module
 */

const firstDelayMs = 100;
const longestDelayMs = 30_000;
/** A worker that lived this long was healthy; its crash counts as the first. */
const healthyLifeMs = 60_000;

/**
 * The next delay in milliseconds: doubled after each crash, from the start again after a minute of health.
 *
 * @param previousMs the delay before this worker was started; 0 for the first worker
 * @param livedMs how long it ran
 */
export function nextDelay(previousMs: number, livedMs: number): number {
  if (previousMs === 0 || livedMs >= healthyLifeMs) return firstDelayMs;
  return Math.min(previousMs * 2, longestDelayMs);
}
