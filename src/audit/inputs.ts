/** What the command line needs to open inputs and write outputs; the rooms behind it stay out of its sight. */
export type { OpenInput } from '../evidence/open-input.js'
export { openFolder, openInput } from '../evidence/open-input.js'
export type { FileToWrite } from '../evidence/write-files.js'
export { writeFiles } from '../evidence/write-files.js'
export type { ReadRequest, ReadStep } from './read-graph.js'
