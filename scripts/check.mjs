// Everything that can be wrong without running the program: types, lint, format, import walls.
import { runNode, runPackage, step } from './steps.mjs'

step('packages and build', () => runNode(['scripts/setup.mjs']))
step('types (tsc)', () => runPackage('typescript', 'tsc', ['-p', 'tsconfig.json']))
step('lint, format and import walls (biome)', () => runPackage('@biomejs/biome', 'biome', ['ci', '--error-on-warnings', '.']))
