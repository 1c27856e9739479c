/** A package URL in its parts, decoded. `type` and qualifier keys are lower-case. */
export interface Purl {
  readonly type: string
  readonly namespace?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  readonly qualifiers?: Readonly<Record<string, string>> | undefined
  readonly subpath?: string | undefined
}

/** The canonical text of a package URL, by the rules of its type (spec/sbom.md §4). Undefined when the parts make no valid one. */
export declare function formatPurl(purl: Purl): string | undefined

/** Parses and normalises; undefined with a reason when it is not a package URL. */
export declare function parsePurl(
  text: string,
): { readonly ok: true; readonly purl: Purl } | { readonly ok: false; readonly why: string }
