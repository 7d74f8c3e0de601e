/**
 * The context portfolio: the Markdown files in which a person tells their agents who they are and how they work.
 *
 * @module
 */

/** Where the portfolio comes from: a repo's `context-portfolio/`, or the templates inside the executable. */
export type PortfolioSource =
  | { readonly kind: "repo"; readonly folder: string }
  | { readonly kind: "embedded" };

/** One file of the portfolio, without its text. */
export interface PortfolioFile {
  /** The file name without `.md`; what a person calls it. */
  readonly name: string;
  readonly filename: string;
  /** `portfolio://<filename>` */
  readonly uri: string;
  /** From the front matter's `title`, else the first heading, else the name. */
  readonly title: string;
  /** From the front matter's `summary`, else the first paragraph, cut to one line. */
  readonly summary: string;
  readonly sizeBytes: number;
  /** ISO 8601; undefined for an embedded file. */
  readonly modifiedAt: string | undefined;
  /** How many parts of the template still wait for the user; 0 when the file is filled in. */
  readonly unfilled: number;
}

/** A file with its full text, as it stands on disk now. */
export interface PortfolioDocument {
  readonly file: PortfolioFile;
  readonly text: string;
}

/** The portfolio as its readers use it. Nothing is cached: an edit is seen by the next call. */
export interface Portfolio {
  readonly source: PortfolioSource;
  /** Every `.md` file of the folder that can be read, in order of file name. Symbolic links are left out. */
  list(): Promise<readonly PortfolioFile[]>;
  /**
   * Finds a file by name, file name or `portfolio://` URI, without regard to case.
   *
   * @throws {AppError} portfolio.not_found naming the closest files; file.too_large, file.encoding,
   * path.denied, path.changed for a file that is there but cannot be given out
   */
  read(name: string): Promise<PortfolioDocument>;
}
