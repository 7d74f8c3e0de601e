/**
 * The template portfolio as it is compiled into the executable, served when no repo is configured.
 *
 * @module
 */

import communicationStyle from "../../context-portfolio/communication-style.md" with { type: "text" };
import currentProjects from "../../context-portfolio/current-projects.md" with { type: "text" };
import decisionLog from "../../context-portfolio/decision-log.md" with { type: "text" };
import domainKnowledge from "../../context-portfolio/domain-knowledge.md" with { type: "text" };
import goalsAndPriorities from "../../context-portfolio/goals-and-priorities.md" with { type: "text" };
import identity from "../../context-portfolio/identity.md" with { type: "text" };
import preferencesAndConstraints from "../../context-portfolio/preferences-and-constraints.md" with {
  type: "text",
};
import roleAndResponsibilities from "../../context-portfolio/role-and-responsibilities.md" with {
  type: "text",
};
import teamAndRelationships from "../../context-portfolio/team-and-relationships.md" with { type: "text" };
import toolsAndSystems from "../../context-portfolio/tools-and-systems.md" with { type: "text" };

/** File name to text. A text import needs a literal path, so this table repeats the folder; a test compares them. */
export const EMBEDDED_FILES: Readonly<Record<string, string>> = {
  "communication-style.md": communicationStyle,
  "current-projects.md": currentProjects,
  "decision-log.md": decisionLog,
  "domain-knowledge.md": domainKnowledge,
  "goals-and-priorities.md": goalsAndPriorities,
  "identity.md": identity,
  "preferences-and-constraints.md": preferencesAndConstraints,
  "role-and-responsibilities.md": roleAndResponsibilities,
  "team-and-relationships.md": teamAndRelationships,
  "tools-and-systems.md": toolsAndSystems,
};
