/**
 * The conformance scenarios that do not apply to this server, each with the reason.
 *
 * agentos is stateless and answers each request with one JSON document: it keeps no session, so nothing can be
 * subscribed to, no setting outlives a request, and no message of its own can reach a client. That is a choice
 * (a restart is invisible, any number of clients share one process), and these are its price.
 *
 * The test fails when a scenario that is not listed fails, and also when a listed one passes.
 *
 * @module
 */

const ASKS_THE_CLIENT = "needs a request from server to client, which a stateless server cannot send";
const NOTIFIES = "needs notifications during a call, which an answer of one JSON document cannot carry";
const REMEMBERS = "needs something that outlives the request, and a stateless server keeps no session";
const STREAMS =
  "is about event streams; every answer here is one JSON document, which the specification allows";

/** Scenario -> why it does not apply. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  "elicitation-sep1034-defaults": ASKS_THE_CLIENT,
  "elicitation-sep1330-enums": ASKS_THE_CLIENT,
  "logging-set-level": REMEMBERS,
  "resources-subscribe": REMEMBERS,
  "resources-unsubscribe": REMEMBERS,
  "server-session-lifecycle": REMEMBERS,
  "server-sse-multiple-streams": STREAMS,
  "server-sse-polling": STREAMS,
  "tools-call-elicitation": ASKS_THE_CLIENT,
  "tools-call-sampling": ASKS_THE_CLIENT,
  "tools-call-with-logging": NOTIFIES,
  "tools-call-with-progress": NOTIFIES,
};
