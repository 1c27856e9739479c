/**
 * The public endpoints of the ecosystems, in this one file. Reading uses them only to recognise what a lockfile says;
 * nothing is asked before a command that is about the network does so.
 */
export const ENDPOINTS = {
  cargo: {
    /** What every lockfile names for the public registry, whatever protocol or mirror was used. */
    gitIndex: 'https://github.com/rust-lang/crates.io-index',
    sparseIndex: 'https://index.crates.io/',
  },
  go: {
    proxy: 'https://proxy.golang.org',
    checksumDatabase: 'sum.golang.org',
  },
  github: {
    /** Where artifact attestations are asked for (spec/trust.md §3.2). */
    api: 'https://api.github.com',
    /** Who vouches for the identity of workflows on github.com; a name in certificates, never asked. */
    workflowIssuer: 'https://token.actions.githubusercontent.com',
  },
  nimble: {
    packageList: 'https://raw.githubusercontent.com/nim-lang/packages/master/packages.json',
    /** The official list in the order in which nimble tries its places (spec/nimble.md §6). */
    packageLists: [
      'https://packages.nim-lang.org/packages.json',
      'https://raw.githubusercontent.com/nim-lang/packages/master/packages.json',
      'https://nim-lang.org/nimble/packages.json',
    ],
  },
  oci: {
    /** What a reference without a host names, where its API is, and under which server logins for it are filed. */
    dockerHubName: 'docker.io',
    dockerHub: 'https://registry-1.docker.io',
    dockerHubLogin: 'https://index.docker.io/v1/',
  },
  /** The public instance of sigstore; asked only where somebody signs by identity. */
  sigstore: {
    fulcio: 'https://fulcio.sigstore.dev',
    rekor: 'https://rekor.sigstore.dev',
    timestampAuthority: 'https://timestamp.sigstore.dev/api/v1/timestamp',
    /** The repository in which the root-signing ceremony publishes whom to trust; asked by `assay trust update` alone. */
    tuf: 'https://tuf-repo-cdn.sigstore.dev',
  },
} as const

/** The public registry of Cargo, as a policy (`crates.io`) or cargo's own configuration (`crates-io`) calls it. */
export function isCratesIo(name: string): boolean {
  return name === 'crates.io' || name === 'crates-io'
}
