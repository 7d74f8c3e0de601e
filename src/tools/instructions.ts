/**
 * What the tools are for, all together. A test holds each name in it against the TOOLS table.
 *
 * @module
 */

/** What a client is told of the server as a whole; some show it to the model as the tools' preamble. */
export const INSTRUCTIONS = `AgentOS gives every agent on this machine the same context and the same hands.
Before you start: list_portfolio_files, then read_portfolio_file for what your task touches (who you work for, how, on what).
Files: agentOS_fs_list and agentOS_fs_search to find, agentOS_fs_read to read, agentOS_fs_replace for an exact edit, agentOS_fs_write for a whole file; only inside the roots its user chose.
Git: agentOS_git_commit stages and commits everything in a repository, agentOS_git_push pushes it. agentOS_ext_* builds and installs the VSCode extension.
Long answers come in pages: call again with the cursor or line range they name. An error says its code, what is wrong, and what to do next.`;
