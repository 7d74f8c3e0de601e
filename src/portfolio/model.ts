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
}

/** A file with its full text, as it stands on disk now. */
export interface PortfolioDocument {
  readonly file: PortfolioFile;
  readonly text: string;
}

/** The portfolio as its readers use it. Nothing is cached: an edit is seen by the next call. */
export interface Portfolio {
  readonly source: PortfolioSource;
  /** Every `.md` file of the folder, by name. */
  list(): Promise<readonly PortfolioFile[]>;
  /**
   * Finds a file by name, file name or `portfolio://` URI, without regard to case.
   *
   * @throws {AppError} portfolio.not_found naming the closest files
   */
  read(name: string): Promise<PortfolioDocument>;
}
