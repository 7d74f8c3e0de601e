/**
 * From the words of a command line to what is to be done: run a command, print a help text, or say what is
 * wrong. The only file (with `complete.ts`) that knows the argument parser, @stricli/core; it loads only when
 * there is a command line to parse.
 *
 * The parser is used for parsing alone: it would run commands, print and choose exit codes by itself, so each
 * row reports what was chosen, and each text callback records the error that it was asked to word.
 *
 * @module
 */

import {
  AliasNotFoundError,
  type Application,
  ArgumentParseError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type CommandContext as StricliContext,
  EnumValidationError,
  FlagNotFoundError,
  help,
  InvalidNegatedFlagSyntaxError,
  run,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
  version,
} from "@stricli/core";
import { closest, distance } from "fastest-levenshtein";
import { AppError } from "../base/errors.ts";
import type { Chosen, Command } from "./define.ts";
import { findCommand } from "./find_command.ts";
import { renderVersion } from "./version.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "run"; readonly chosen: Chosen }
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "refuse"; readonly error: AppError; readonly usage: string | undefined };

/** Parses a command line against a table of commands. Colour is for the help text only. */
export async function parseCommandLine(
  commands: readonly Command[],
  args: readonly string[],
  colour: boolean,
): Promise<Request> {
  const command = findCommand(commands, args);
  const refuse = (message: string, hint?: string): Request => {
    const helpHint = `Run "${["agentos", ...knownWords(commands, args), "--help"].join(" ")}".`;
    return {
      kind: "refuse",
      error: new AppError("cli.usage", message, {
        hint: hint === undefined ? helpHint : `${hint} ${helpHint}`,
      }),
      usage: command === undefined ? undefined : renderUsage(command),
    };
  };

  const inherited = args.find(isInheritedName);
  if (inherited !== undefined) return refuse(`There is no flag ${inherited}`);

  // The parser would take it for an argument, a folder of that name for example.
  const empty = command && beforeDashes(args).find((word) => /^--[a-z][^=]*=$/i.test(word));
  if (empty !== undefined) return refuse(`${empty.slice(0, -1)} needs a value`);

  const found: { chosen?: Chosen; unknown?: string; wrong: unknown[]; text: string } = {
    wrong: [],
    text: "",
  };
  // The whole table is needed only where no command is named: for help, or to say which there are.
  const app = buildParser(command === undefined ? commands : [command], {
    choose: (chosen) => found.chosen = chosen,
    unknownCommand: (word) => found.unknown = word,
    wrong: (error) => found.wrong.push(error),
  });
  const stdout = {
    write: (text: string) => void (found.text += text),
    getColorDepth: () => colour ? 4 : 1,
  };
  await run(app, args, { process: { stdout, stderr: { write: () => {} } } });

  if (found.unknown !== undefined) {
    const { message, hint } = sayUnknownCommand(found.unknown, args, commands);
    return refuse(message, hint);
  }
  if (found.wrong.length > 0) {
    const said = found.wrong.map((error) => sayWrongArgument(error, command?.flags ?? []));
    return refuse(
      said.map(({ message }) => message).join("; "),
      said.map(({ hint }) => hint).find((hint) => hint !== undefined),
    );
  }
  if (found.chosen !== undefined) return { kind: "run", chosen: found.chosen };
  return { kind: "print", text: tidyUsage(found.text, command === undefined).trimEnd() };
}

/** The words at the front of a command line that lead to a command or a group of commands. */
function knownWords(commands: readonly Command[], args: readonly string[]): readonly string[] {
  const unknown = args.findIndex((_, last) =>
    !commands.some(({ path }) => args.slice(0, last + 1).every((word, index) => path[index] === word))
  );
  return unknown === -1 ? args : args.slice(0, unknown);
}

/** Where the parser reports to. */
interface Reports {
  choose(chosen: Chosen): void;
  unknownCommand(word: string): void;
  wrong(error: unknown): void;
}

/** The parser for a table of commands. */
export function buildParser(commands: readonly Command[], reports: Reports): Application<StricliContext> {
  const fail = (error: unknown): string => {
    reports.wrong(error);
    return "";
  };
  const formatting = {
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: false,
    caseStyle: "convert-camel-to-kebab",
  } as const;
  return buildApplication(buildGroup(commands, 0, reports.choose), {
    name: "agentos",
    scanner: { caseStyle: "allow-kebab-for-camel" },
    documentation: formatting,
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput({ input }): string {
          reports.unknownCommand(input);
          return "";
        },
        exceptionWhileParsingArguments: fail,
        exceptionWhileRunningCommand: fail,
        exceptionWhileRunningIntegrationFlag: ({ exception }) => fail(exception),
      },
    },
  }, {
    help: help({ brief: "Print this help", defaultForRouteMap: true, complete: true, formatting }),
    version: version({
      brief: "Print the version",
      complete: true,
      alias: false,
      info: { currentVersion: renderVersion() },
    }),
  });
}

const ABOUT = [
  "One brain for the coding agents on this machine: a shared MCP server with your context portfolio,",
  "careful hands on files and git inside the folders you name, and your editor's extension.",
  "",
  'New here? "agentos help start". Every command also takes --debug, which shows the stack of an error.',
].join("\n");

/** The commands below one word (or all, at depth 0) as a level of the parser's tree. */
function buildGroup(
  commands: readonly Command[],
  depth: number,
  choose: (chosen: Chosen) => void,
): ReturnType<typeof buildRouteMap<string, StricliContext>> {
  const words = [...new Set(commands.flatMap(({ path }) => path[depth] ?? []))];
  const routes = Object.fromEntries(words.map((word) => {
    const below = commands.filter(({ path }) => path[depth] === word);
    const leaf = below.find(({ path }) => path.length === depth + 1);
    return [word, leaf?.build(buildCommand, choose) ?? buildGroup(below, depth + 1, choose)];
  }));
  // The parser looks words up by plain property access: without this, "agentos constructor" would be found.
  Object.setPrototypeOf(routes, null);
  return buildRouteMap<string, StricliContext>({
    routes,
    docs: {
      brief: depth === 0 ? "AgentOS" : words.join(", "),
      ...(depth === 0 ? { fullDescription: ABOUT } : {}),
      hideRoute: Object.fromEntries(
        words.map((word) => [
          word,
          commands.every(({ path, hidden }) => path[depth] !== word || hidden),
        ]),
      ),
    },
  });
}

/** The words before `--`, behind which nothing is a flag. */
export function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf("--");
  return dashes < 0 ? args : args.slice(0, dashes);
}

/** True for `--constructor`, `--to-string` and the like, which the parser would find on every object. */
function isInheritedName(word: string): boolean {
  const name = /^--([a-z][^=]*)/i.exec(word)?.[1];
  return name !== undefined && name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) in {};
}

/** Usage lines hold every flag: shortened where commands are listed, broken into lines where there is one. */
function tidyUsage(text: string, shorten: boolean): string {
  return shorten
    ? text.replaceAll(/(?: \[--[^\]]*\](?:\.\.\.)?){4,}/g, " [flags]")
    : text.replaceAll(/^ *agentos .{80,}$/gm, (line) => {
      const indent = " ".repeat(line.search(/ [[(<]/));
      return line.split(/ (?=[[(<])/).reduce((lines, part) =>
        (lines.length - lines.lastIndexOf("\n") + part.length > 100)
          ? `${lines}\n${indent} ${part}`
          : `${lines} ${part}`
      );
    });
}

function renderUsage(command: Command): string {
  const line = command.build(buildCommand, () => {}).formatUsageLine({
    prefix: ["agentos", ...command.path],
    config: {
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: false,
      caseStyle: "convert-camel-to-kebab",
    },
    ansiColor: false,
  });
  return tidyUsage(line, false);
}

interface Said {
  readonly message: string;
  readonly hint?: string;
}

function sayUnknownCommand(word: string, args: readonly string[], commands: readonly Command[]): Said {
  if (word.startsWith("-")) {
    return {
      message: `There is no flag ${word} before a command`,
      hint: "Flags come after the command's name.",
    };
  }
  const before = args.slice(0, args.indexOf(word));
  const beside = commands.filter(({ path, hidden }) =>
    !hidden && before.every((step, index) => path[index] === step)
  );
  const near = suggest(word, beside.flatMap(({ path }) => path[before.length] ?? []));
  const message = `There is no command "${[...before, word].join(" ")}"`;
  return near === undefined
    ? { message }
    : { message, hint: `Did you mean "${["agentos", ...before, near].join(" ")}"?` };
}

function sayWrongArgument(error: unknown, flags: readonly string[]): Said {
  if (error instanceof FlagNotFoundError) {
    const near = suggest(error.input, flags);
    const message = `There is no flag --${error.input}`;
    return near === undefined ? { message } : { message, hint: `Did you mean --${near}?` };
  }
  if (error instanceof AliasNotFoundError) return { message: `There is no flag -${error.input}` };
  if (error instanceof ArgumentParseError) {
    const why = error.exception instanceof Error ? error.exception.message : String(error.exception);
    return {
      message: `Cannot use "${error.input}" for ${named(error.externalFlagNameOrPlaceholder)}: ${why}`,
    };
  }
  if (error instanceof EnumValidationError) {
    const near = suggest(error.input, error.values);
    const message = `Cannot use "${error.input}" for --${error.externalFlagName}: it is one of ${
      error.values.join(", ")
    }`;
    return near === undefined ? { message } : { message, hint: `Did you mean "${near}"?` };
  }
  if (error instanceof UnsatisfiedFlagError) return { message: `--${error.externalFlagName} needs a value` };
  if (error instanceof UnexpectedFlagError) {
    return {
      message: `--${error.externalFlagName} is given twice: "${error.previousInput}", "${error.input}"`,
    };
  }
  if (error instanceof InvalidNegatedFlagSyntaxError) {
    return { message: `--${error.externalFlagName} takes no value, and got "${error.valueText}"` };
  }
  if (error instanceof UnsatisfiedPositionalError) return { message: `${error.placeholder} is missing` };
  if (error instanceof UnexpectedPositionalError) {
    return {
      message: error.input.startsWith("-")
        ? `There is no flag ${error.input}`
        : `There is no place for the argument "${error.input}"`,
    };
  }
  throw error;
}

/** Placeholders of positional arguments are upper case; everything else is a flag. */
function named(flagOrPlaceholder: string): string {
  return flagOrPlaceholder === flagOrPlaceholder.toUpperCase() ? flagOrPlaceholder : `--${flagOrPlaceholder}`;
}

/** The candidate that a slip of the finger or a word cut short may have meant. */
function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const begun = candidates.filter((candidate) => word.length > 1 && candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const near = closest(word, [...candidates]);
  return distance(word, near) <= Math.max(near.length > 3 ? 2 : 1, Math.floor(near.length / 3))
    ? near
    : undefined;
}
