/**
 * `defineCommand`: one row of COMMANDS, with its flags typed by the command's own `run`.
 *
 * A row is words and data; the command's module loads when its row was chosen. Parsing is @stricli/core's
 * work, and even that is handed in, so that nothing here loads it.
 *
 * @module
 */

import type {
  buildCommand,
  Command as StricliCommand,
  CommandContext as StricliContext,
  TypedCommandParameters,
} from "@stricli/core";
import type { CommandContext, CommandModule, Permission } from "./command.ts";
import { type PlainWords, readPlainWords } from "./plain_words.ts";

/** Any object type; an interface has no index signature, so `Record<string, unknown>` would refuse it. */
type FlagsOf<Flags> = Readonly<Partial<Record<keyof Flags, unknown>>>;

/** What an author writes. */
export interface CommandSpec<Flags extends FlagsOf<Flags>, Args extends readonly string[]> {
  /** The words of the command line, and the path of the file below `src/commands/`. */
  readonly path: readonly [string, ...string[]];
  /** One line for the list of commands. */
  readonly brief: string;
  /** What it does, what it changes, what its exit code means. */
  readonly description: string;
  /** True for commands that only agentos itself calls. */
  readonly hidden?: boolean;
  /** The permissions it uses at all; every other kind is given up before its module loads. */
  readonly needs: readonly Permission[];
  /** What it needs besides when these flags are given. */
  readonly alsoNeeds?: { readonly [Name in keyof Flags]?: readonly Permission[] };
  /** Flags (camelCase here, kebab-case on the command line) and positional arguments, as data. */
  readonly parameters: TypedCommandParameters<NoInfer<Flags>, NoInfer<Args>, StricliContext>;
  /** A literal `import()` of the command's file. */
  load(): Promise<CommandModule<Flags, Args>>;
}

/** A command that was chosen and whose arguments were understood. */
export interface Chosen {
  readonly needs: readonly Permission[];
  /** What it will be run with. */
  readonly given: PlainWords;
  /** Loads the command's module and runs it. */
  start(context: CommandContext): Promise<0 | 1>;
}

/** A row of COMMANDS, with its types closed over. */
export interface Command {
  readonly path: readonly [string, ...string[]];
  readonly brief: string;
  readonly description: string;
  readonly hidden: boolean;
  readonly needs: readonly Permission[];
  /** What it needs besides when a flag, named as it is typed, is given. */
  readonly alsoNeeds: ReadonlyMap<string, readonly Permission[]>;
  /** The flags' names as they are typed, without the dashes. */
  readonly flags: readonly string[];
  /** This command with the words after its name; undefined when the parser must read them. */
  choosePlainly(words: readonly string[]): Chosen | undefined;
  /** The parser's view of this row; a parsed command line is reported to `choose` instead of being run. */
  build(build: typeof buildCommand, choose: (chosen: Chosen) => void): StricliCommand<StricliContext>;
}

/** Closes over one command's types. */
export function defineCommand<Flags extends FlagsOf<Flags>, Args extends readonly string[]>(
  spec: CommandSpec<Flags, Args>,
): Command {
  const also = new Map<string, readonly Permission[]>(Object.entries({ ...spec.alsoNeeds }));
  const chooseWith = (flags: Flags, ...args: Args): Chosen => ({
    needs: [
      ...spec.needs,
      ...Object.entries({ ...flags }).flatMap(([name, value]) =>
        value === undefined || value === false ? [] : also.get(name) ?? []
      ),
    ],
    given: { flags: { ...flags }, args },
    start: async (context) => await (await spec.load()).run(flags, context, ...args),
  });
  return {
    path: spec.path,
    brief: spec.brief,
    description: spec.description,
    hidden: spec.hidden ?? false,
    needs: spec.needs,
    alsoNeeds: new Map([...also].map(([name, needs]) => [toKebab(name), needs])),
    flags: Object.keys(spec.parameters.flags ?? {}).map(toKebab),
    choosePlainly(words): Chosen | undefined {
      const plain = readPlainWords(spec.parameters, words);
      // The row's types were checked where it was written, and the words were read by its own parsers.
      return plain && Reflect.apply(chooseWith, undefined, [plain.flags, ...plain.args]);
    },
    build: (build, choose) =>
      build<Flags, Args, StricliContext>({
        docs: { brief: spec.brief, fullDescription: spec.description },
        parameters: spec.parameters,
        func(flags, ...args): void {
          choose(chooseWith(flags, ...args));
        },
      }),
  };
}

/** A flag's name as it is typed, without the dashes. */
export function toKebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
