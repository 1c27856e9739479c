/** Manifests and lockfiles of ecosystems assay does not read: what they name is outside the audit, and that is said. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['package.json', 'npm'],
  ['package-lock.json', 'npm'],
  ['yarn.lock', 'Yarn'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['bun.lock', 'Bun'],
  ['deno.lock', 'Deno'],
  ['requirements.txt', 'pip'],
  ['pyproject.toml', 'Python'],
  ['poetry.lock', 'Poetry'],
  ['uv.lock', 'uv'],
  ['Pipfile.lock', 'Pipenv'],
  ['Gemfile.lock', 'Bundler'],
  ['composer.lock', 'Composer'],
  ['pom.xml', 'Maven'],
  ['build.gradle', 'Gradle'],
  ['build.gradle.kts', 'Gradle'],
  ['gradle.lockfile', 'Gradle'],
  ['packages.lock.json', 'NuGet'],
  ['Package.resolved', 'Swift'],
  ['pubspec.lock', 'Dart'],
  ['mix.lock', 'Mix'],
  ['conan.lock', 'Conan'],
  ['vcpkg.json', 'vcpkg'],
  ['flake.lock', 'Nix'],
])

/** The tool a file belongs to, by its name, when it is one that assay does not read. */
export function otherManifest(name: string): string | undefined {
  return OTHERS.get(name)
}
