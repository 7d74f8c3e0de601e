/**
 * The house rules that Deno's linter does not know, as a lint plugin: `deno lint` and the editor show them.
 *
 * @module
 */

/** What every rule needs of a node. */
type Visit = Deno.lint.LintVisitor;

const NARROW = "Narrow the value instead of asserting its type.";
const LOST_USING =
  "What is declared so and named once is never disposed of in the bundle (the minifier of deno bundle 2.9.6): use try and finally.";
const CLIENTS = /codex|claude/i;

/** True for the code that must not know any client by name. */
function isProduct(filename: string): boolean {
  return /[\\/]src[\\/]/.test(filename) && !filename.endsWith("_test.ts");
}

/** True for code that is bundled. */
function isShipped(filename: string): boolean {
  return /[\\/](src|clients)[\\/]/.test(filename) && !filename.endsWith("_test.ts");
}

/** The only files that write to the terminal: the output of commands, and the server's log. */
const PRINTERS = /[\\/]src[\\/](cli[\\/]output|server[\\/]log)\.ts$/;

/** Properties whose text is read by people; examples there may name a client. */
const HELP = new Set(["brief", "description", "meaning", "hint"]);

/** True inside the text of a help property. */
function isHelp(ancestors: readonly Deno.lint.Node[]): boolean {
  return ancestors.some((node) =>
    node.type === "Property" && node.key.type === "Identifier" && HELP.has(node.key.name)
  );
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "module-doc": {
      create: (context): Visit => ({
        Program(node): void {
          // A unit test is explained by the file beside it.
          if (context.filename.endsWith("_test.ts")) return;
          const doc = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(context.sourceCode.text)?.[0];
          if (doc === undefined) {
            context.report({ node, message: "A file opens with /** what it is for. */" });
          } else if (!doc.includes("@module") && !/[\\/]main\.ts$/.test(context.filename)) {
            context.report({ node, message: "The comment that opens a file ends with @module." });
          }
        },
      }),
    },
    "no-assertion": {
      create: (context): Visit => ({
        TSAsExpression({ typeAnnotation: type, range }): void {
          const isConst = type.type === "TSTypeReference" && type.typeName.type === "Identifier" &&
            type.typeName.name === "const";
          if (!isConst) context.report({ range, message: NARROW });
        },
        TSTypeAssertion(node): void {
          context.report({ node, message: NARROW });
        },
      }),
    },
    "no-suppression": {
      create: (context): Visit => ({
        Program(): void {
          for (const comment of context.sourceCode.getAllComments()) {
            if (/^[\s*]*(@ts-(ignore|nocheck|expect-error)|deno-(lint|fmt)-ignore)/.test(comment.value)) {
              context.report({
                range: comment.range,
                message: "Mend what the checker says; do not silence it.",
              });
            }
          }
        },
      }),
    },
    "literal-import": {
      create: (context): Visit => ({
        ImportExpression(node): void {
          if (node.source.type !== "Literal") {
            context.report({ node, message: "A computed import() is not embedded in the executable." });
          }
        },
      }),
    },
    "no-lost-using": {
      create: (context): Visit => ({
        VariableDeclaration(node): void {
          if (node.kind !== "using" && node.kind !== "await using") return;
          const around = context.sourceCode.getAncestors(node).at(-1)?.range ?? node.range;
          const after = context.sourceCode.text.slice(node.range[1], around[1]);
          for (const { id } of node.declarations) {
            const uses = id.type === "Identifier" ? after.match(new RegExp(`\\b${id.name}\\b`, "g")) : null;
            if (uses?.length === 1 && isShipped(context.filename)) {
              context.report({ node, message: LOST_USING });
            }
          }
        },
      }),
    },
    "no-print": {
      create: (context): Visit => ({
        'MemberExpression[object.name="Deno"][property.name=/^std(out|err)$/]'(
          node: Deno.lint.MemberExpression,
        ): void {
          if (!isShipped(context.filename) || PRINTERS.test(context.filename)) return;
          const around = node.parent;
          const isQuestion = around.type === "MemberExpression" && around.property.type === "Identifier" &&
            around.property.name === "isTerminal";
          if (!isQuestion) context.report({ node, message: "Only src/cli/output.ts and the log print." });
        },
      }),
    },
    "no-client": {
      create: (context): Visit => {
        if (!isProduct(context.filename)) return {};
        const check = (node: Deno.lint.Node, text: string): void => {
          if (CLIENTS.test(text) && !isHelp(context.sourceCode.getAncestors(node))) {
            context.report({ node, message: "src/ names no client; clients/ does." });
          }
        };
        return {
          Identifier: (node): void => check(node, node.name),
          Literal: (node): void => check(node, String(node.value)),
          TemplateElement: (node): void => check(node, node.cooked),
        };
      },
    },
  },
};

export default plugin;
