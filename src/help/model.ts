/**
 * The topics of `agentos help TOPIC`, in the order of the list. Data only.
 *
 * @module
 */

/** Each topic with what it is about. */
export const TOPICS = {
  start: "from the executable to an agent that calls a tool",
  repo: "the home repo: what is in it, and how it is found",
  roots: "the folders that tools may touch, and what holds them there",
  sync: "keeping an agent's home in step without costing a byte of yours",
  usage: "what the agents used, in tokens and dollars",
  settings: "flags, environment, config.toml, and which of them holds",
  security: "what is defended, against whom, and what is not",
} as const;

/** One of {@link TOPICS}. */
export type Topic = keyof typeof TOPICS;

/** True for a topic's name. */
export function isTopic(word: string): word is Topic {
  return Object.hasOwn(TOPICS, word);
}
