/**
 * The repo's client files as they are compiled into the executable, deployed when no home repo is there.
 *
 * A text import needs a literal path, so this table repeats the folders; a test compares them.
 *
 * @module
 */

import codexAgentsBlockMd from "./codex/agents-block.md" with { type: "text" };
import codexConfigFragmentToml from "./codex/config-fragment.toml" with { type: "text" };
import codexProfilesAgenticToml from "./codex/profiles/agentic.toml" with { type: "text" };
import codexProfilesCheapToml from "./codex/profiles/cheap.toml" with { type: "text" };
import codexProfilesPlannerToml from "./codex/profiles/planner.toml" with { type: "text" };
import codexProfilesToolsToml from "./codex/profiles/tools.toml" with { type: "text" };
import sharedMemoryAgentosToolsMd from "./shared/memory/agentos-tools.md" with { type: "text" };
import sharedMemoryCarefulEditsMd from "./shared/memory/careful-edits.md" with { type: "text" };
import sharedMemoryCommitConventionsMd from "./shared/memory/commit-conventions.md" with { type: "text" };
import sharedMemoryDecisionsMd from "./shared/memory/decisions.md" with { type: "text" };
import sharedMemorySessionHabitsMd from "./shared/memory/session-habits.md" with { type: "text" };
import sharedSkillsCleanCommitSKILLMd from "./shared/skills/clean-commit/SKILL.md" with { type: "text" };
import sharedSkillsPortfolioContextSKILLMd from "./shared/skills/portfolio-context/SKILL.md" with {
  type: "text",
};
import sharedSkillsSessionWrapUpSKILLMd from "./shared/skills/session-wrap-up/SKILL.md" with { type: "text" };

/** Path in the repo to text. */
export const EMBEDDED_CLIENT_FILES: Readonly<Record<string, string>> = {
  "clients/codex/agents-block.md": codexAgentsBlockMd,
  "clients/codex/config-fragment.toml": codexConfigFragmentToml,
  "clients/codex/profiles/agentic.toml": codexProfilesAgenticToml,
  "clients/codex/profiles/cheap.toml": codexProfilesCheapToml,
  "clients/codex/profiles/planner.toml": codexProfilesPlannerToml,
  "clients/codex/profiles/tools.toml": codexProfilesToolsToml,
  "clients/shared/memory/agentos-tools.md": sharedMemoryAgentosToolsMd,
  "clients/shared/memory/careful-edits.md": sharedMemoryCarefulEditsMd,
  "clients/shared/memory/commit-conventions.md": sharedMemoryCommitConventionsMd,
  "clients/shared/memory/decisions.md": sharedMemoryDecisionsMd,
  "clients/shared/memory/session-habits.md": sharedMemorySessionHabitsMd,
  "clients/shared/skills/clean-commit/SKILL.md": sharedSkillsCleanCommitSKILLMd,
  "clients/shared/skills/portfolio-context/SKILL.md": sharedSkillsPortfolioContextSKILLMd,
  "clients/shared/skills/session-wrap-up/SKILL.md": sharedSkillsSessionWrapUpSKILLMd,
};
